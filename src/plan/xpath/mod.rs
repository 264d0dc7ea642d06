//! XPath 1.0: what an expression means, with all axes, unions, conditions, operators and calls of its functions.

mod read;
mod token;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum XPath {
    Or(Vec<XPath>),
    And(Vec<XPath>),
    Compare(Comparison, Box<XPath>, Box<XPath>),
    Arithmetic(Arithmetic, Box<XPath>, Box<XPath>),
    Negative(Box<XPath>),
    Union(Vec<XPath>),
    Text(String),
    Number(f64),
    Call(&'static XFunction, Vec<XPath>),
    /// A path: from the root, from here, or from what an expression gives, with conditions of its own on that.
    Path {
        from: From,
        steps: Vec<Step>,
    },
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    Root,
    Here,
    Of(Box<XPath>, Vec<XPath>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub axis: Axis,
    pub test: Test,
    pub conditions: Vec<XPath>,
}

/// Which nodes a step looks at, seen from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Here,
}

/// The axes by name.
const AXES: &[(&str, Axis)] = &[
    ("ancestor", Axis::Ancestor),
    ("ancestor-or-self", Axis::AncestorOrSelf),
    ("attribute", Axis::Attribute),
    ("child", Axis::Child),
    ("descendant", Axis::Descendant),
    ("descendant-or-self", Axis::DescendantOrSelf),
    ("following", Axis::Following),
    ("following-sibling", Axis::FollowingSibling),
    ("namespace", Axis::Namespace),
    ("parent", Axis::Parent),
    ("preceding", Axis::Preceding),
    ("preceding-sibling", Axis::PrecedingSibling),
    ("self", Axis::Here),
];

/// What a node must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Any of the kind that the axis leads to.
    Any,
    /// Of this name. One without a prefix fits in any namespace, one with a prefix is written so.
    Name(String),
    /// Any name with this prefix.
    Prefix(String),
    Node,
    Text,
    Comment,
    /// A processing instruction, of this target where one is given.
    Instruction(Option<String>),
}

/// A function of XPath's core library.
#[derive(Debug, PartialEq)]
pub struct XFunction {
    pub name: &'static str,
    /// How many arguments it takes.
    least: usize,
    most: usize,
}

const fn function(name: &'static str, least: usize, most: usize) -> XFunction {
    XFunction { name, least, most }
}

static FUNCTIONS: &[XFunction] = &[
    function("last", 0, 0),
    function("position", 0, 0),
    function("count", 1, 1),
    function("id", 1, 1),
    function("local-name", 0, 1),
    function("namespace-uri", 0, 1),
    function("name", 0, 1),
    function("string", 0, 1),
    function("concat", 2, usize::MAX),
    function("starts-with", 2, 2),
    function("contains", 2, 2),
    function("substring-before", 2, 2),
    function("substring-after", 2, 2),
    function("substring", 2, 3),
    function("string-length", 0, 1),
    function("normalize-space", 0, 1),
    function("translate", 3, 3),
    function("boolean", 1, 1),
    function("not", 1, 1),
    function("true", 0, 0),
    function("false", 0, 0),
    function("lang", 1, 1),
    function("number", 0, 1),
    function("sum", 1, 1),
    function("floor", 1, 1),
    function("ceiling", 1, 1),
    function("round", 1, 1),
];
