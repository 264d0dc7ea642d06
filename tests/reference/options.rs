//! Stages with the options that the other lists leave out, so that every option of every command is used in every way.

use crate::invariant::Written;

/// A command with stages in which it stands.
pub const LIST: &[Written] = &[
    ("addcoltotals", &["table id n g | addcoltotals labelfield=g label=Sum id"]),
    ("anomalies", &["anomalies denylist=groups.csv labelonly=t", "anomalies field=a denylist=groups.csv denylistthreshold=0.5 threshold=0"]),
    ("anomalousvalue", &["anomalousvalue minsupcount=2 minsupfreq=0.01 pthresh=0.5 action=annotate g s"]),
    ("anomalydetection", &["anomalydetection method=zscore pthresh=0.2 action=annotate n id", "anomalydetection method=iqr param=1 uselower=t mark=t id"]),
    ("anomalydetection", &["anomalydetection method=zscore action=annotate maxanofreq=0.5 minnormfreq=0 minsupcount=2 minsupfreq=0.01 n g"]),
    (
        "mcatalog",
        &[
            "mcatalog append=t values(metric_name) WHERE index=*",
            "append [| mcatalog prestats=t values(metric_name) WHERE index=* | stats values(metric_name)]",
        ],
    ),
    ("mvcombine", &["table g n | mvcombine delim=\",\" n"]),
    ("stats", &["stats delim=\":\" values(g) list(s)"]),
    ("sistats", &["sistats delim=\":\" values(g) | stats values(g)"]),
    ("append", &["append maxout=2 [search * | table id]"]),
    ("appendcols", &["appendcols maxout=2 [search * | table id | rename id AS x]"]),
    ("bin", &["bin minspan=10 id AS k", "bin minspan=10m _time AS t"]),
    ("bucketdir", &["eval p=g.\"|\".id, c=1 | bucketdir pathfield=p sizefield=id countfield=c sep=\"|\" maxcount=3"]),
    (
        "chart",
        &[
            "chart sep=\"/\" count max(id) AS m BY g s",
            "chart format=\"$VAL$-$AGG$\" count max(id) AS m BY g s",
            "chart count BY id minspan=10 start=0 end=100",
            "chart count BY _time span=10m aligntime=60",
            "chart dedup_splitvals=t count BY s g",
        ],
    ),
    ("cluster", &["cluster field=a delims=\" \" showcount=t countfield=size labelfield=label"]),
    (
        "collect",
        &["collect index=summary file=rows addtime=f host=h marker=\"m=1\" source=o sourcetype=t", "collect index=summary file=rows output_format=hec host=h"],
    ),
    ("concurrency", &["eval began=id%7 | concurrency start=began duration=id"]),
    ("contingency", &["contingency mincolcover=0.5 minrowcover=0.5 totalstr=ALL g s"]),
    ("datamodel", &["append [| datamodel Endpoint Processes search strict_fields=f | head 3]"]),
    (
        "datamodelsimple",
        &[
            "append [| datamodelsimple type=attributes datamodel=Endpoint object=Processes]",
            "append [| datamodelsimple type=attributes datamodel=Web nodename=Web]",
        ],
    ),
    ("diff", &["diff attribute=a maxlen=2"]),
    ("erex", &["eval t=\"port \".id | erex x fromfield=t examples=\"10, 21\" counterexamples=\"99\" maxtrainers=5"]),
    ("eventcount", &["append [| eventcount summarize=f report_size=t index=*]"]),
    (
        "extract",
        &[
            "eval _raw=\"a.b=1 c=2 \".a | extract auto=t limit=2 maxchars=9 clean_keys=f",
            "eval _raw=\"k:1|l:2\" | extract auto=f pairdelim=\"|\" kvdelim=\":\"",
        ],
    ),
    ("folderize", &["eval p=\"/\".g.\"/\".id | folderize attr=p sep=\"/\" minfolders=1 maxfolders=2"]),
    (
        "foreach",
        &[
            "foreach fieldstr=#F matchstr=#M n* i* [eval new_#M=#F]",
            "eval a_b_c_d=1 | foreach matchseg1=#1 matchseg2=#2 matchseg3=#3 a_*_*_* [eval \"#3#2#1\"=<<FIELD>>]",
            "eval sum=0 | foreach mode=multivalue itemstr=#I iterstr=#N g [eval sum=sum+len(#I)+#N]",
        ],
    ),
    ("format", &["where false() | format emptystr=none"]),
    ("geom", &["eval f=\"Lab\" | geom rooms featureIdField=f gen=1 min_y=1 max_y=8"]),
    ("geomfilter", &["eval f=\"Lab\" | geom rooms featureIdField=f | geomfilter min_y=1 max_y=5"]),
    (
        "geostats",
        &[
            "eval lat=id%90, lon=id%180 | geostats maxzoomlevel=1 outputlatfield=y outputlongfield=x globallimit=1 locallimit=2 binspanlat=5 binspanlong=5 count BY g",
        ],
    ),
    ("head", &["head limit=3", "head limit=4 (id!=\"3\")"]),
    ("iplocation", &["iplocation lang=de a"]),
    ("kmeans", &["kmeans k=2 reps=3 maxiters=5 t=0.1 cfield=c showcentroid=f id n"]),
    (
        "makecontinuous",
        &[
            "stats count BY n | where isnum(n) AND abs(n)<20 | makecontinuous n bins=10 start=-5 end=30",
            "stats count BY _time | makecontinuous _time span=10m aligntime=60",
        ],
    ),
    ("makeresults", &["append [| makeresults annotate=t | fields - splunk_server]", "append [| makeresults format=csv data=\"x,y\n1,2\"]"]),
    ("map", &["map maxsearches=2 search=\"search id=$id$ | table id s\""]),
    (
        "mstats",
        &[
            "append [| mstats chart=t chart.limit=1 chart.agg=max chart.usenull=f chart.useother=t chart.otherstr=rest sum(cpu) WHERE index=* BY g span=30m]",
            "append [| mstats chart=t chart.nullstr=none chart.limit=0 count(cpu) WHERE index=* BY s span=1h]",
            "append [| mstats prestats=t avg(cpu) WHERE index=* BY host | stats avg(cpu) BY host]",
            "mstats append=t max(cpu) WHERE index=* BY g fillnull_value=none",
            "append [| mstats sum(cpu) WHERE index=* span=10m every=1h]",
        ],
    ),
    (
        "multikv",
        &[
            "eval _raw=\"top\nNAME N\n\".id.\" 1\n\nO P\n3 4\" | multikv forceheader=2 copyattrs=f",
            "eval _raw=\"NAME N\n\".id.\" 1\n\nO P\n3 4\" | multikv multitable=f",
            "eval _raw=\"NAME N\n\".id.\" 1\" | multikv conf=plain",
        ],
    ),
    (
        "outputcsv",
        &["table id | outputcsv create_empty=t override_if_empty=f rows", "where false() | outputcsv create_empty=t rows | append [search * | head 1]"],
    ),
    (
        "outputlookup",
        &[
            "table id g | outputlookup create_empty=f override_if_empty=t max=2 rows.csv",
            "table id g | outputlookup append=t key_field=g allow_updates=f rows.csv",
        ],
    ),
    (
        "pivot",
        &[
            "append [| pivot Web Web count(Web) AS n SPLITROW bytes RANGE start=0 end=100 max=5]",
            "append [| pivot Web Web count(Web) AS n SPLITROW bytes RANGE size=10]",
        ],
    ),
    (
        "predict",
        &[
            "table id n | predict id AS next algorithm=LLT future_timespan=3 holdback=2 upper95=high lower95=low",
            "eval m=2*id | table id m | predict m algorithm=LLB correlate=id holdback=2",
            "eval m=2*id | table id m | predict id m algorithm=LL suppress=m",
        ],
    ),
    ("rtorder", &["rtorder discard=t max_buffer_size=3"]),
    ("savedsearch", &["append [| savedsearch \"One group\" nosubstitution=t]"]),
    (
        "scrub",
        &[
            "fields _time, _raw, id, a, b, g, s | scrub public-terms=public-terms.txt private-terms=private-terms.txt name-terms=names.txt dictionary=dictionary.txt timeconfig=times.ini namespace=app",
        ],
    ),
    ("searchtxn", &["append [| searchtxn groups use_disjunct=f a | table g id]"]),
    ("sort", &["sort limit=3 -id"]),
    ("streamstats", &["streamstats allnum=t window=3 sum(n) AS t"]),
    (
        "sichart",
        &[
            "sichart limit=1 agg=max useother=f usenull=f otherstr=o nullstr=n sep=\"|\" count BY g s | chart limit=1 count BY g s",
            "sichart format=\"$VAL$\" count BY id span=10 start=0 end=50 cont=f | chart count BY id",
            "sichart bins=5 minspan=10 count BY id | chart count BY id",
            "sichart aligntime=60 dedup_splitvals=t count BY _time span=10m | chart count BY _time",
        ],
    ),
    ("sirare", &["sirare limit=1 countfield=c percentfield=p showcount=t showperc=f useother=t otherstr=rest g | rare limit=1 countfield=c useother=t g"]),
    ("sitop", &["sitop limit=1 countfield=c percentfield=p showcount=t showperc=f useother=t otherstr=rest g | top limit=1 countfield=c useother=t g"]),
    ("sistats", &["sistats allnum=t dedup_splitvals=t sum(n) count BY g | stats allnum=t sum(n) count BY g"]),
    (
        "sitimechart",
        &[
            "sitimechart span=1h count BY id start=0 end=50 | timechart span=1h count BY id",
            "sitimechart bins=5 minspan=10m count | timechart span=1h count",
            "sitimechart span=10m aligntime=60 cont=f partial=f fixedrange=f limit=1 agg=max useother=f usenull=f count BY g | timechart span=1h count BY g",
            "sitimechart span=10m otherstr=o nullstr=n sep=\"|\" format=\"$VAL$\" count BY s dedup_splitvals=t | timechart span=1h count BY s",
        ],
    ),
    ("tags", &["eval eventtype=\"windows_logon\" | tags outputfield=t inclvalue=t allowed_tags=authentication eventtype"]),
    (
        "timechart",
        &[
            "timechart minspan=10m count",
            "timechart span=1h count BY id start=0 end=50",
            "timechart span=10m aligntime=60 partial=f fixedrange=f count",
            "timechart span=1h sep=\"/\" count max(id) AS m BY s",
            "timechart span=1h format=\"$VAL$-$AGG$\" count max(id) AS m BY s",
            "timechart span=1h dedup_splitvals=t count BY g",
        ],
    ),
    ("timewrap", &["timechart span=30m count | timewrap 1h align=now series=exact time_format=\"%H\""]),
    ("tojson", &["table id a g | tojson default_type=str str(a)"]),
    (
        "transaction",
        &[
            "transaction name=groups mvlist=t nullstr=- mvraw=t",
            "transaction g connected=f unifyends=t keeporphans=t startswith=eval(id%3==0)",
            "transaction g maxopentxn=1 keepevicted=t",
            "transaction g s maxopenevents=3 keepevicted=t mvlist=n,a",
        ],
    ),
    ("tstats", &["append [| tstats count WHERE index=* BY s fillnull_value=none]"]),
    ("xyseries", &["stats count BY g b | xyseries grouped=t g b count"]),
];
