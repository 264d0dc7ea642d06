//! The diagnostic codes: one value each, and the list.

/// What kind of trouble a code is, which also decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The text is no SPL.
    Parse,
    /// It is SPL, but means nothing that can be run.
    Plan,
    /// Known, not built.
    Unsupported,
    /// An input file.
    Data,
    /// Went wrong while running.
    Runtime,
    /// A budget was used up: memory, time, depth.
    Limit,
    /// The program was called wrongly.
    Usage,
    /// Advice.
    Lint,
}

/// A diagnostic code with its explanation, as `spl help CODE` prints it.
#[derive(Debug, PartialEq)]
pub struct Code {
    /// `SPL` and a number; hundreds group by kind.
    pub id: &'static str,
    pub kind: Kind,
    /// What it means and what to do, in one or two sentences.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($name:ident = $id:literal $kind:ident $explanation:literal;)*) => {
        impl Code {
            $(#[doc = $explanation] pub const $name: &'static Code = &Code { id: $id, kind: Kind::$kind, explanation: $explanation };)*
        }
        /// Every code, in order.
        pub const CODES: &[&Code] = &[$(Code::$name),*];
    };
}

codes! {
    SYNTAX = "SPL001" Parse "The text does not fit SPL's grammar at this place; the message lists what could stand there.";
    UNTERMINATED = "SPL002" Parse "A quote, bracket, parenthesis, comment or macro call is opened and never closed.";
    UNKNOWN_COMMAND = "SPL003" Parse "No command of Splunk's has this name. A search for words needs the command `search`, or stands first in the query.";
    UNKNOWN_FUNCTION = "SPL004" Parse "No eval or stats function of Splunk's has this name.";
    ARGUMENTS = "SPL005" Parse "A function or command got too few or too many arguments, or one of the wrong kind.";
    UNKNOWN_OPTION = "SPL006" Parse "The command has no option of this name.";
    OPTION_VALUE = "SPL007" Parse "The option's value is not of the kind that it takes.";
    SMART_QUOTES = "SPL008" Parse "Typographic quotes, as word processors and web pages make them, are not SPL's quotes.";
    UNEXPECTED_CHARACTER = "SPL009" Parse "This character has no meaning in SPL outside quotes.";
    UNKNOWN_MACRO = "SPL010" Parse "No macro of this name is defined in the loaded macros.conf or contentctl macros.";
    MACRO_ARGUMENTS = "SPL011" Parse "The macro is defined, but with another number of arguments.";
    MACRO_CYCLE = "SPL012" Parse "A macro expands to itself, directly or through others.";
    MACRO_LIMIT = "SPL013" Limit "Macros nest deeper, or expand to more text, than the limits allow.";
    MACRO_VALIDATION = "SPL014" Parse "The macro's own validation refused the arguments.";
    NESTING = "SPL015" Limit "Parentheses, brackets or expressions nest deeper than the limit allows.";
    REGEX = "SPL020" Plan "The regular expression does not compile.";
    CIDR = "SPL021" Plan "The text is no IPv4 or IPv6 network.";
    TIME = "SPL022" Plan "The text is no time modifier, time format or span that Splunk knows.";
    BOOLEAN = "SPL023" Plan "A Boolean cannot be assigned to a field; wrap it in if(), case() or tostring().";
    WILDCARD = "SPL024" Plan "The wildcards on the two sides do not match.";
    PLACE = "SPL025" Plan "The command cannot stand at this place in the pipeline.";
    LOOKUP = "SPL026" Plan "The lookup is not defined, or its file is missing or cannot be read.";
    FIELD = "SPL027" Plan "The field name is not allowed here.";
    SAVED_SEARCH = "SPL028" Plan "No app has a saved search of this name.";
    NO_OBJECT = "SPL029" Plan "No app that was given has a transaction type or data model of this name, or no rows were collected under it.";
    KNOWN_NOT_BUILT = "SPL030" Unsupported "Splunk has this; it is known here but not built yet.";
    NEEDS_SERVER = "SPL031" Unsupported "This needs a Splunk server, a person or outside state, and is never run here.";
    NOT_ALLOWED = "SPL032" Unsupported "Queries write files only where the user allows it with --allow-write.";
    DATA_FILE = "SPL040" Data "An input file is missing, unreadable or not of the stated format.";
    DAMAGED = "SPL041" Data "Some events are damaged; they are kept as raw text.";
    TRUNCATED = "SPL042" Data "A compressed file ends early; its whole events are kept.";
    RUNTIME = "SPL050" Runtime "Running the query went wrong.";
    CANCELLED = "SPL051" Runtime "The query was cancelled.";
    TIMEOUT = "SPL052" Limit "The query took longer than --timeout allows.";
    MEMORY = "SPL053" Limit "The query needs more memory than --memory allows.";
    ROWS = "SPL054" Limit "A ceiling on rows, values or the steps of a regular expression was reached; the message says what was left out.";
    FAULT = "SPL055" Runtime "A fault of this program, not of the query or the data: please report it.";
    LEARNT = "SPL056" Runtime "What a command worked out of the rows, or could not: `erex` tells the regular expression that it learnt, for use with `rex`.";
    USAGE = "SPL060" Usage "The flags or arguments do not go together, or a value is missing; `spl help` lists them.";
    CIDR_BOUNDARY = "SPL100" Lint "A network that overlaps a private range without being one is usually a slip of the prefix length.";
    SQL_HABIT = "SPL101" Lint "This is SQL's way of saying it; SPL has another.";
    XML_ENTITY = "SPL102" Lint "Field values taken from event XML keep their entities, so this value cannot match as it is written.";
    LOST_FIELD = "SPL103" Lint "A field is used after a command that removed it.";
}

impl Code {
    /// A code by its id, any case.
    pub fn find(id: &str) -> Option<&'static Code> {
        CODES.iter().find(|c| c.id.eq_ignore_ascii_case(id)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_ascending() {
        assert!(CODES.windows(2).all(|w| w[0].id < w[1].id));
    }
}
