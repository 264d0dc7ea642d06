//! Running one function on one row of values: constants, and the rows of kernels without a loop of their own.

use super::{Env, Function, Kernel};
use crate::column::Value;

/// The function's value for these arguments, by its kernel's rule for null and multivalues. Null where it cannot run on values
/// (not built, a form), where an argument is missing, or where a constant does not fit.
pub fn apply<'a>(function: &Function, args: &[Value<'a>], env: &Env) -> Value<'a> {
    match function.kernel {
        Kernel::Planned | Kernel::Form => Value::Null,
        Kernel::Number(f) => Value::from(args.first().and_then(Value::as_number).map(f).filter(|n| !n.is_nan())),
        Kernel::Text(f) => Value::multi(args.first().map(Value::each).unwrap_or_default().iter().filter_map(|v| v.clone().into_text()).map(f)),
        Kernel::Strict(_) | Kernel::Between(..) if args.iter().any(Value::is_null) => Value::Null,
        Kernel::Strict(f) | Kernel::Between(f, _) | Kernel::Lenient(f) | Kernel::Volatile(f) => f(args, env),
        Kernel::First => args.iter().find(|v| !v.is_null()).cloned().unwrap_or_default(),
        Kernel::Choice { rest } => {
            let mut pairs = args.chunks(2);
            let is_true = |pair: &[Value<'_>]| pair.len() == 1 && rest || pair.first().and_then(Value::as_bool) == Some(true);
            pairs.find(|pair| is_true(pair)).and_then(|pair| if rest { pair.last() } else { pair.get(1) }).cloned().unwrap_or_default()
        }
        Kernel::Decided(by) if args.iter().any(|v| v.as_bool() == Some(by)) => Value::Bool(by),
        Kernel::Decided(by) => args.iter().all(|v| v.as_bool().is_some()).then_some(!by).into(),
        Kernel::Prepared(prepare) => {
            let constants: Vec<_> = args.iter().map(|v| Some(v.clone().into_owned())).collect();
            prepare(&constants, env).map_or(Value::Null, |ready| ready(args, env))
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::function::{find, operator};

    /// A function or operator by name on these values.
    pub fn call<'a>(name: &str, args: &[Value<'a>]) -> Value<'a> {
        let function = find(name).or_else(|| operator::find(name)).unwrap_or_else(|| panic!("no function {name}"));
        apply(function, args, &Env::default())
    }

    /// The same on texts, `None` being null; the result as text.
    pub fn on_text(name: &str, args: &[&str]) -> Option<String> {
        let args: Vec<_> = args.iter().map(|t| Value::text(t)).collect();
        call(name, &args).as_text().map(|t| t.into_owned())
    }

    #[test]
    fn kernels_keep_their_null_and_multivalue_rules() {
        let both = Value::multi([Value::text("A"), Value::text("B")]);
        assert_eq!(call("lower", &[both]), Value::multi([Value::text("a"), Value::text("b")]));
        assert_eq!(call("lower", &[Value::Null]), Value::Null);
        assert_eq!(call("lower", &[Value::Number(1.5)]), Value::text("1.5"));
        assert_eq!(call("bit_and", &[Value::Number(1.0), Value::Null]), Value::Null);
        assert_eq!(call("isnull", &[Value::Null]), Value::Bool(true));
        assert_eq!(call("searchmatch", &[Value::text("a")]), Value::Null);
    }
}
