//! What is laid over the knowledge: apps, content directories, single files and texts.

use super::{Knowledge, Layers};
use crate::diagnostic::{Code, Diagnostic};
use crate::knowledge::conf::{Conf, Stanza};
use crate::knowledge::datamodel::{self, Model};
use crate::knowledge::detection::Detection;
use crate::knowledge::geoip::GeoIp;
use crate::knowledge::lookup::{self, Loader};
use crate::knowledge::lookup_table::LookupTable;
use crate::knowledge::macros;
use crate::knowledge::place::files_below;
use crate::knowledge::yaml::Yaml;
use std::path::Path;
use std::sync::Arc;

impl Knowledge {
    /// Lays an app over it: `default/` and `local/` with their .conf files, and `lookups/`.
    ///
    /// Errors: [`Code::DATA_FILE`] where it is no directory, has none of the three, or a file cannot be read.
    pub fn add_app(&mut self, app: &Path) -> Result<(), Diagnostic> {
        if !["default", "local", "lookups"].iter().any(|d| app.join(d).is_dir()) {
            let error = Diagnostic::error(Code::DATA_FILE, format!("{} is no app directory", app.display()));
            return Err(error.help("An app has default/, local/ or lookups/ in it."));
        }
        for (name, conf) in self.layers.each() {
            conf.merge(Conf::layered(app, name, &mut self.read_warnings)?);
        }
        for folder in ["default", "local"] {
            let dir = app.join(folder).join("data/models");
            if dir.is_dir() {
                let models = datamodel::read_dir(&dir, &mut self.read_warnings)?;
                self.models.extend(models.into_iter().map(|m| (m.name.clone(), m)));
            }
        }
        self.lookups.add_dir(&app.join("lookups"));
        self.apps.insert(0, app.to_path_buf());
        self.forms.insert(0, app.join("form"));
        self.build();
        Ok(())
    }

    /// Lays macros over it: a macros.conf, a contentctl YAML file, or a directory of either.
    ///
    /// Errors: [`Code::DATA_FILE`] where it cannot be read.
    pub fn add_macros(&mut self, path: &Path) -> Result<(), Diagnostic> {
        let files = if path.is_dir() { files_below(path, &["conf", "yml", "yaml"])? } else { vec![path.to_path_buf()] };
        let in_directory = path.is_dir();
        for file in files {
            match file.extension().and_then(|e| e.to_str()) {
                Some("yml" | "yaml") => self.add_yaml(&file, |yaml, _| macros::stanza_of_yaml(yaml), |layers| &mut layers.macros),
                _ if in_directory && file.file_name().is_some_and(|n| n != "macros.conf") => {}
                _ => self.layers.macros.merge(Conf::read(&file, &mut self.read_warnings)?),
            }
        }
        self.build();
        Ok(())
    }

    /// Lays the macros of a macros.conf that is given as text over it.
    pub fn add_macros_text(&mut self, text: &str, name: &str) {
        let conf = Conf::parse(text, &name.into(), &mut self.read_warnings);
        self.layers.macros.merge(conf);
        self.build();
    }

    /// Lets data that is loaded into an index stand in for a lookup of that name, where none is defined.
    pub fn add_loaded_table(&mut self, index: &str, load: Loader) {
        self.lookups.add_loaded(index, load);
    }

    /// Lays the stanzas of a transforms.conf that is given as text over it; lookup definitions are among them.
    pub fn add_transforms_text(&mut self, text: &str, name: &str) {
        let conf = Conf::parse(text, &name.into(), &mut self.read_warnings);
        self.layers.transforms.merge(conf);
        self.build();
    }

    /// Adds a lookup table that is given as CSV text, under the name of its file.
    ///
    /// Errors: [`Code::LOOKUP`] where it is no CSV.
    pub fn add_lookup_text(&mut self, filename: &str, csv: &str) -> Result<(), Diagnostic> {
        let table = LookupTable::from_csv(csv.as_bytes()).map_err(|why| Diagnostic::error(Code::LOOKUP, format!("the lookup `{filename}` {why}")))?;
        self.lookups.add_table(filename, table);
        Ok(())
    }

    /// Lays a contentctl checkout over it: `macros/`, `lookups/` and `detections/`, as far as it has them.
    ///
    /// Errors: [`Code::DATA_FILE`] where it has none of them or a directory cannot be read.
    pub fn add_content(&mut self, root: &Path) -> Result<(), Diagnostic> {
        let [macros, lookups, detections] = ["macros", "lookups", "detections"].map(|d| root.join(d));
        if ![&macros, &lookups, &detections].iter().any(|d| d.is_dir()) {
            let error = Diagnostic::error(Code::DATA_FILE, format!("{} is no content directory", root.display()));
            return Err(error.help("It should have detections/, macros/ or lookups/ in it."));
        }
        if macros.is_dir() {
            self.add_macros(&macros)?;
        }
        if lookups.is_dir() {
            for file in files_below(&lookups, &["yml", "yaml"])? {
                self.add_yaml(&file, lookup::stanza_of_yaml, |layers| &mut layers.transforms);
                if let Some(dir) = file.parent() {
                    self.lookups.add_dir(dir);
                }
            }
            self.lookups.add_dir(&lookups);
        }
        if detections.is_dir() {
            let new = Detection::read_dir(&detections, &mut self.read_warnings)?;
            self.detections.retain(|old| !new.iter().any(|n| n.stem == old.stem));
            self.detections.extend(new);
        }
        self.build();
        Ok(())
    }

    /// Lets `iplocation` read this database.
    ///
    /// Errors: [`Code::DATA_FILE`] where it cannot be read or is none.
    pub fn set_places(&mut self, file: &Path) -> Result<(), Diagnostic> {
        self.places = Some(Arc::new(GeoIp::open(file)?));
        Ok(())
    }

    /// Adds a data model that is given as JSON text; one that is none becomes a warning.
    pub fn add_model_text(&mut self, text: &str, name: &str) {
        match Model::read(text) {
            Ok(model) => drop(self.models.insert(model.name.clone(), model)),
            Err(why) => self.read_warnings.push(Diagnostic::warning(Code::DATA_FILE, format!("{name}: {why}"))),
        }
    }

    /// Lays the text of a multikv.conf over what is there.
    pub fn add_multikv_text(&mut self, text: &str, name: &str) {
        self.layers.tables.merge(Conf::parse(text, &name.into(), &mut self.read_warnings));
    }

    /// Lays the text of a transactiontypes.conf over what is there.
    pub fn add_transactions_text(&mut self, text: &str, name: &str) {
        self.layers.transactions.merge(Conf::parse(text, &name.into(), &mut self.read_warnings));
    }

    fn add_yaml(&mut self, file: &Path, stanza: impl Fn(&Yaml, &str) -> Option<Stanza>, conf: impl Fn(&mut Layers) -> &mut Conf) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        match Yaml::read(file) {
            Ok(yaml) => stanza(&yaml, &stem).into_iter().for_each(|s| conf(&mut self.layers).add(s)),
            Err(e) => self.read_warnings.push(e),
        }
    }
}
