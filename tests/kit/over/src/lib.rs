//! The attributes by which a test runs in several places.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Makes a test of a function that gets a `&Site`. It runs over each of these transports, all at once, and fails where one fails or
/// hangs: `#[over(WIRES)]`. A second argument says how long it may take: `#[over(ALL, 2 * LIMIT)]`. An `async` function runs there on
/// several executors.
///
/// # Panics
///
/// Where it does not stand in front of a function.
#[proc_macro_attribute]
pub fn over(transports: TokenStream, function: TokenStream) -> TokenStream {
    let is_comma = |token: TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
    let with_limit = transports.clone().into_iter().any(is_comma);
    test(transports, function, if with_limit { "::hubless_kit::over_within" } else { "::hubless_kit::over" })
}

/// Makes a test with other libraries of a function that gets a `&Meeting`. It runs at each of these meetings, one after the other:
/// `#[interop(meetings())]`.
///
/// # Panics
///
/// Where it does not stand in front of a function.
#[proc_macro_attribute]
pub fn interop(meetings: TokenStream, function: TokenStream) -> TokenStream {
    let mut ignored = words("#[ignore = \"real peers: cargo test --workspace -- --ignored\"]");
    ignored.extend(test(meetings, function, "::hubless_kit::interop::at_each"));
    ignored
}

/// A test of the name of the function, which is inside of it, and is led to each place by the runner.
fn test(places: TokenStream, function: TokenStream, runner: &str) -> TokenStream {
    let tokens: Vec<TokenTree> = function.into_iter().collect();
    let is_fn = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word.to_string() == "fn");
    let begin = tokens.iter().position(is_fn).expect("the attribute stands in front of a function");
    let is_async = begin > 0 && tokens[begin - 1].to_string() == "async";
    let name = &tokens[begin + 1];
    let (attributes, function) = tokens.split_at(begin - usize::from(is_async));

    let mut arguments = places;
    arguments.extend(words(","));
    if is_async {
        arguments.extend(words("|site| ::hubless_kit::executors::on_executors"));
        let site_and_name = words("site,").into_iter().chain([name.clone()]).collect();
        arguments.extend([TokenTree::Group(Group::new(Delimiter::Parenthesis, site_and_name))]);
    } else {
        arguments.extend([name.clone()]);
    }
    let mut body: TokenStream = function.iter().cloned().collect();
    body.extend(words(runner));
    body.extend([TokenTree::Group(Group::new(Delimiter::Parenthesis, arguments))]);

    let mut test = words("#[test]");
    test.extend(attributes.iter().cloned());
    test.extend([tokens[begin].clone(), name.clone()]);
    test.extend(words("()"));
    test.extend([TokenTree::Group(Group::new(Delimiter::Brace, body))]);
    test
}

fn words(source: &str) -> TokenStream {
    source.parse().expect("it is Rust")
}
