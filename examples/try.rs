use serde_json::{Map, Value as J};
use spl_engine::column::Value;
use spl_engine::*;
use std::io::BufRead;
fn j(v: &Value) -> J {
    match v {
        Value::Null => J::Null,
        Value::Bool(b) => J::Bool(*b),
        Value::Number(n) => serde_json::Number::from_f64(*n).map(J::Number).unwrap_or(J::String(column::number::format(*n))),
        Value::Text(t) => J::String(t.to_string()),
        Value::Multi(a) => J::Array(a.iter().map(j).collect()),
    }
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut queries = String::new();
    let mut settings = Settings::default();
    let mut data = vec![];
    let mut i = 1;
    let mut q = None;
    while i < args.len() {
        match args[i].as_str() {
            "--queries" => {
                queries = args[i + 1].clone();
                i += 1
            }
            "--tz" => {
                settings.zone = time::Zone::parse(&args[i + 1]).unwrap();
                i += 1
            }
            "--now" => {
                settings.now = args[i + 1].parse().ok();
                i += 1
            }
            "--threads" => {
                settings.threads = args[i + 1].parse().unwrap();
                i += 1
            }
            "--data" => {
                data.push(args[i + 1].clone());
                i += 1
            }
            "--" => {
                q = Some(args[i + 1].clone());
                i += 1
            }
            _ => {}
        }
        i += 1;
    }
    let mut store = store::Catalog::default();
    for d in &data {
        let spec = input::DataSpec::parse(d).unwrap();
        for f in input::expand(&spec).unwrap() {
            if q.is_some() {
                store.add(store::Dataset::File(f));
            } else {
                let mut w = input::Warnings::new();
                store.add(store::load(&f, &Default::default(), &Default::default(), 2, &mut w).unwrap());
            }
        }
    }
    let engine = Engine::new(store, knowledge::Knowledge::builtin(), settings);
    let rows = |a: Answer| -> Vec<J> {
        (0..a.rows.len())
            .map(|r| {
                let m: Map<String, J> = a.rows.columns().map(|(n, c)| (n.to_string(), j(&c.get(r)))).filter(|(_, v)| !v.is_null()).collect();
                J::Object(m)
            })
            .collect()
    };
    if let Some(c) = args.iter().position(|a| a == "--corpus") {
        let mut k = knowledge::Knowledge::builtin();
        k.add_macros(std::path::Path::new("/work/shared/corpus/macros.conf")).unwrap();
        let engine = Engine::new(store::Catalog::default(), k, Settings::default());
        let (mut n, mut bad) = (0, 0);
        for l in std::io::BufReader::new(std::fs::File::open(&args[c + 1]).unwrap()).lines() {
            let v: J = serde_json::from_str(&l.unwrap()).unwrap();
            let text = v.get("search").or(v.get("spl")).and_then(|t| t.as_str()).unwrap();
            let p = engine.parse(text, None);
            let want = v.get("parses").and_then(|p| p.as_bool()).unwrap_or(true);
            let errs: Vec<_> = p.diagnostics.iter().filter(|d| d.code.id != "SPL030").collect();
            n += 1;
            if errs.is_empty() != want {
                bad += 1;
                println!("=== {} want {want}", v.get("path").or(v.get("id")).unwrap());
                for d in errs {
                    println!("{}", diagnostic::render(d, &p.sources, false));
                }
            }
        }
        println!("{bad} bad of {n}");
        return;
    }
    if let Some(q) = q {
        match engine.run(&q) {
            Ok(a) => {
                for w in &a.warnings {
                    eprintln!("{w}");
                }
                for r in rows(a) {
                    println!("{r}");
                }
            }
            Err(f) => {
                for d in &f.diagnostics {
                    eprintln!("{}", diagnostic::render(d, &f.sources, false));
                }
                std::process::exit(2)
            }
        }
        return;
    }
    for l in std::io::BufReader::new(std::fs::File::open(queries).unwrap()).lines() {
        let v: J = serde_json::from_str(&l.unwrap()).unwrap();
        let e = match v.get("data") {
            Some(d) => {
                let d: Vec<Map<String, J>> = serde_json::from_value(d.clone()).unwrap();
                engine.over(store::Catalog::of_rows(input::rows(&d)))
            }
            None => engine.clone(),
        };
        let t = std::time::Instant::now();
        match e.run(v["spl"].as_str().unwrap()) {
            Ok(a) => {
                let ms = t.elapsed().as_secs_f64() * 1e3;
                println!("{}", serde_json::json!({"id": v["id"], "rows": rows(a), "ms": ms}))
            }
            Err(f) => println!(
                "{}",
                serde_json::json!({"id": v["id"], "error": {"kind": f.diagnostics[0].kind(), "code": f.diagnostics[0].code.id, "message": f.diagnostics[0].message}})
            ),
        }
    }
}
