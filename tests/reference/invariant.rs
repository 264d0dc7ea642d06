//! Commands and functions that have no second implementation here, because they are statistics of their own kind, write files, or
//! only read what an app holds: of them it is asked that their rows are the same in every way.

use super::command::{TRANSFORMS, lookup_table, tables};
use spl_engine::knowledge::Knowledge;
use std::fs;
use std::path::Path;

/// A command with stages in which it stands, each to go behind others.
pub type Written = (&'static str, &'static [&'static str]);

pub const COMMANDS: &[Written] = &[
    ("abstract", &["eval _raw=mvjoin(mvappend(a, b, n, g, id), urldecode(\"%0A\")) | abstract maxterms=3 maxlines=2"]),
    ("addinfo", &["addinfo | eval age=info_search_time-_time | fields - info_sid"]),
    ("analyzefields", &["analyzefields classfield=g", "eval c=id%2 | analyzefields classfield=c"]),
    ("anomalies", &["anomalies threshold=0.001", "anomalies field=a labelonly=t normalize=f maxvalues=10 BY g"]),
    (
        "anomalousvalue",
        &["anomalousvalue minsupcount=2 action=annotate n g", "anomalousvalue minsupcount=2 minnormfreq=0 maxanofreq=0.5 action=summary | sort 0 fieldname"],
    ),
    (
        "anomalydetection",
        &[
            "anomalydetection g n",
            "anomalydetection action=annotate cutoff=f g s",
            "anomalydetection method=zscore action=summary n",
            "anomalydetection method=iqr n",
        ],
    ),
    ("arules", &["arules sup=1 conf=.1 g n", "arules sup=2 a b s"]),
    ("associate", &["associate supcnt=1 supfreq=0 improv=0 g n s", "associate supcnt=2 g s"]),
    ("bucketdir", &["eval p=\"/\".g.\"/\".n.\"/\".id | bucketdir pathfield=p sizefield=id maxcount=4"]),
    ("cluster", &["cluster field=a showcount=t t=0.5", "cluster labelonly=t match=ngramset field=g", "cluster match=termset t=0.9"]),
    ("cofilter", &["cofilter g n", "cofilter s a"]),
    ("collect", &["collect index=summary file=rows", "collect index=summary output_format=hec file=rows", "collect index=summary testmode=t"]),
    ("concurrency", &["concurrency duration=n", "eval took=id%50 | concurrency duration=took output=open"]),
    ("datamodel", &["append [| datamodel Endpoint Processes search | head 3]", "append [| datamodel Web Web flat_string]"]),
    ("datamodelsimple", &["append [| datamodelsimple type=objects datamodel=Web]"]),
    ("diff", &["diff attribute=a", "diff position1=2 position2=3 attribute=g context=t diffheader=t"]),
    ("erex", &["erex x fromfield=_raw examples=\"11, 12, 01\"", "eval t=\"port \".id.\" of \".g | erex x fromfield=t examples=\"10, 21\""]),
    ("eventcount", &["append [| eventcount]", "append [| eventcount summarize=f index=*]"]),
    ("extract", &["extract", "eval _raw=\"g:\".g.\"|n:\".n.\"|n:x\" | extract pairdelim=\"|\" kvdelim=\":\" mv_add=t"]),
    ("fieldformat", &["fieldformat n=tostring(n, \"commas\").\"!\"", "fieldformat _time=strftime(_time, \"%H:%M\")"]),
    ("fieldsummary", &["fieldsummary | sort 0 field", "fieldsummary maxvals=2 a n g s"]),
    ("findkeywords", &["findkeywords labelfield=g", "cluster labelonly=t field=a | findkeywords labelfield=cluster_label dedup=t"]),
    ("findtypes", &["findtypes max=3", "findtypes max=5 notcovered useraw"]),
    ("folderize", &["folderize attr=a sep=\".\" maxfolders=3", "eval p=s.\"/\".g.\"/\".id | folderize attr=p sep=\"/\" size=id maxfolders=4"]),
    ("from", &["append [| from index:x | head 3]", "append [| from lookup:groups.csv]", "append [| from savedsearch:Groups]"]),
    ("gauge", &["gauge n 0 10 20", "stats count | gauge count 0 2 4"]),
    ("geom", &["eval f=if(g=\"a\", \"Lab\", \"none\") | geom rooms featureIdField=f", "eval f=g | geom rooms featureIdField=f allFeatures=t min_x=2 max_x=5"]),
    ("geomfilter", &["eval f=\"Lab\" | geom rooms featureIdField=f | geomfilter min_x=1 max_x=5"]),
    (
        "geostats",
        &[
            "eval lat=id%90, lon=id%180 | geostats maxzoomlevel=1 count BY g",
            "eval y=n, x=id | geostats latfield=y longfield=x maxzoomlevel=2 translatetoxy=f sum(id) BY s",
        ],
    ),
    ("highlight", &["highlight a, \"b c\""]),
    ("iconify", &["iconify g"]),
    ("inputcsv", &["inputcsv append=t groups.csv", "append [| inputcsv start=1 max=2 groups.csv WHERE key=a]"]),
    ("inputlookup", &["inputlookup append=t groups.csv", "append [| inputlookup start=1 max=2 groups.csv WHERE key=a]"]),
    ("iplocation", &["iplocation a", "iplocation prefix=x_ allfields=t a"]),
    ("kmeans", &["eval id=id+0 | kmeans k=2 id", "kmeans k=2 dt=cityblock n id", "kmeans k=2-3 id"]),
    ("kvform", &["eval _raw=\"Name: \".g.\" Age: \".n, form=\"person\" | kvform field=form", "eval _raw=\"Name: \".g | kvform form=person"]),
    ("loadjob", &["append [| loadjob savedsearch=\"admin:search:Groups\"]"]),
    ("localize", &["localize maxpause=5m timebefore=5s timeafter=5s"]),
    ("localop", &["localop"]),
    ("map", &["head 2 | map search=\"search id=$id$ | table id g\"", "stats count | map search=\"| makeresults count=$count$ | eval row=$_serial_id$\""]),
    ("mcatalog", &["append [| mcatalog values(metric_name) WHERE index=*]", "append [| mcatalog values(_dims) WHERE index=* BY host]"]),
    ("metadata", &["append [| metadata type=hosts index=*]", "append [| metadata type=sources]", "append [| metadata type=sourcetypes]"]),
    ("metasearch", &["append [| metasearch index=* | stats count BY host, sourcetype]", "append [| metasearch a | head 3 | fields - splunk_server]"]),
    (
        "mstats",
        &[
            "append [| mstats avg(_value) AS v WHERE index=* BY host span=1h]",
            "append [| mstats chart=t count(cpu) WHERE index=* BY host span=1d]",
            "append [| mstats sum(cpu), rate_sum(cpu) WHERE index=* BY host]",
        ],
    ),
    (
        "multikv",
        &["eval _raw=\"NAME N\".urldecode(\"%0A\").id.\" \".id.urldecode(\"%0A\").\"x y\" | multikv fields NAME N filter x", "multikv noheader=t rmorig=f"],
    ),
    ("noop", &["noop search_optimization=false"]),
    ("outlier", &["outlier n", "outlier action=remove param=1 uselower=t n id", "outlier mark=t id"]),
    ("outputcsv", &["table id g n | outputcsv rows", "table a | head 3 | outputcsv append=t rows", "table a b | outputcsv usexml=t | table _xml"]),
    (
        "outputlookup",
        &[
            "table id g n | outputlookup rows.csv",
            "table id g | outputlookup append=t key_field=g rows.csv",
            "table a g | outputlookup output_format=splunk_mv_csv rows.csv",
        ],
    ),
    ("outputtext", &["outputtext", "outputtext usexml=f"]),
    (
        "pivot",
        &[
            "append [| pivot Endpoint Processes count(Processes) AS runs SPLITROW dest SPLITCOL process_name]",
            "append [| pivot Web Web avg(bytes) SPLITROW _time PERIOD hour ROWSUMMARY true]",
        ],
    ),
    (
        "predict",
        &[
            "timechart span=10m count | predict count algorithm=LLT future_timespan=2",
            "table id | predict id algorithm=LL",
            "table n id | predict n algorithm=LLP period=2",
        ],
    ),
    ("redistribute", &["redistribute BY g"]),
    ("relevancy", &["relevancy"]),
    ("rtorder", &["rtorder buffer_span=5m"]),
    (
        "sample",
        &[
            "sample ratio=0.5 seed=7",
            "sample count=2 seed=7 BY g",
            "sample partitions=3 seed=1 fieldname=part",
            "eval p=(id%10)/10 | sample proportional=p seed=3 inverse",
            "sample ratio=0.4",
        ],
    ),
    ("savedsearch", &["append [| savedsearch \"Groups\"]", "append [| savedsearch \"One group\" group=a]"]),
    // Sums may differ in the last digit, which makes other numbers of them here.
    ("scrub", &["fields _time, _raw, id, a, b, g, s | scrub", "eval _raw=a.\" user=carol 10.1.22.133\" | scrub"]),
    ("searchtxn", &["append [| searchtxn groups a | table g id eventcount duration]", "append [| searchtxn groups eventsonly=t max_terms=2 a | table g id]"]),
    ("sichart", &["sichart count BY g | chart count BY g", "sichart max(id) OVER g BY s | chart max(id) OVER g BY s"]),
    ("sirare", &["sirare g | rare g", "sirare n BY s | rare n BY s"]),
    ("sistats", &["sistats count avg(id) values(a) dc(b) BY g", "sistats avg(id) median(id) BY s | stats avg(id) median(id) BY s"]),
    ("sitimechart", &["sitimechart span=10m count BY g | timechart span=1h count BY g", "sitimechart span=1h sum(id)"]),
    ("sitop", &["sitop 2 g | top 2 g", "sitop a BY s | top a BY s"]),
    ("tojson", &["table id a n g s | tojson", "table _time id a | tojson auto(*) include_internal=t fill_null=t output_field=j"]),
    ("tags", &["eval eventtype=if(g=\"a\", \"windows_logon\", \"x\") | tags", "eval eventtype=\"windows_logon\" | tags outputfield=t inclname=t eventtype"]),
    ("timewrap", &["timechart span=30m count | timewrap 1h", "timechart span=10m sum(id) AS n BY s | timewrap 1h series=short"]),
    ("tscollect", &["table g n | tscollect namespace=groups", "table g n | tscollect namespace=groups squashcase=t keepresults=t"]),
    (
        "tstats",
        &[
            "tstats append=t count WHERE index=* BY host",
            "append [| tstats count WHERE index=* BY _time span=1h]",
            "append [| tstats count values(Processes.process_name) FROM datamodel=Endpoint.Processes BY Processes.dest]",
            "append [| tstats prestats=t count WHERE index=* BY s | stats count BY s]",
        ],
    ),
    ("typelearner", &["typelearner", "typelearner a maxlen=2"]),
    ("typer", &["eval source=\"XmlWinEventLog:Security\", EventID=if(id%2=0, 4688, 1) | typer", "typer eventtypes=windows_*"]),
    ("x11", &["table id n | x11 add5(id) AS x", "table id | x11 mult(id)"]),
    ("xmlunescape", &["eval _raw=a.\" &lt; &amp;&#33; &x;\" | xmlunescape", "xmlunescape a"]),
];

/// Expressions of functions that have no second implementation.
pub const FUNCTIONS: &[Written] = &[
    ("cluster", &["cluster(a, 0.5)", "cluster(g, 0.8, \"ngramset\")"]),
    ("commands", &["commands(\"search \".a.\" | stats count | head\")"]),
    // Which field comes first in the object is told by the first event that has it.
    ("getfields", &["json_extract(getfields(), \"id\")", "getfields(\"n*\")"]),
    ("lookup", &["lookup(\"groups.csv\", json_object(\"key\", g), json_array(\"label\", \"n\"))"]),
    ("sigfig", &["sigfig(1.00*1111)", "sigfig(n*1.50)", "sigfig(n+0.25)"]),
    ("random", &["if(random() >= 0 AND random() < 2147483648, 1, 0)"]),
];

/// Stages with stats functions that have no second implementation.
pub const AGGREGATES: &[Written] = &[
    ("sparkline", &["stats sparkline(count, 10m) AS r BY g", "stats sparkline AS r, sparkline(sum(n), 1h) BY s", "chart sparkline(avg(id)) BY g"]),
    ("per_second", &["timechart span=30m per_second(n) BY s"]),
    ("per_minute", &["timechart span=30m per_minute(n)"]),
    ("per_hour", &["timechart span=30m per_hour(n) BY g", "stats per_hour(id)"]),
    ("per_day", &["timechart per_day(id)"]),
];

/// What these commands and `lookup` read.
pub fn knowledge(dir: &Path) -> Knowledge {
    let [(patterns, names), (networks, nets)] = tables().map(|(name, text)| (format!("lookups/{name}"), text));
    for (path, text) in [
        (patterns.as_str(), names.as_str()),
        (networks.as_str(), nets.as_str()),
        ("default/transforms.conf", TRANSFORMS),
        ("lookups/groups.csv", lookup_table().as_str()),
        ("lookups/rooms.geojson", ROOMS),
        ("anonymizer/public-terms.txt", "a\nfailed\n"),
        ("anonymizer/private-terms.txt", "b\n"),
        ("anonymizer/names.txt", "carol\nhenry\n"),
        ("anonymizer/dictionary.txt", "abc\nuser\n"),
        ("anonymizer/times.ini", "\\d+:\\d+\n"),
        ("default/multikv.conf", "[plain]\nheader.linecount = 1\nheader.tokens = _tokenize_, -1, \" \"\nbody.tokens = _tokenize_, 0, \" \"\n"),
        ("form/person.form", "Name: [[word:name]] Age: [[int:age]]\n"),
        ("default/transactiontypes.conf", "[groups]\nfields = g\n"),
        ("default/savedsearches.conf", "[Groups]\nsearch = search * | stats count BY g\n[One group]\nsearch = search g=\"$group$\" | table id g\n"),
    ] {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut knowledge = Knowledge::builtin();
    knowledge.add_app(dir).expect("the app is read");
    knowledge
}

const ROOMS: &str = "{\"features\":[{\"id\":\"Lab\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9]]]}}]}";
