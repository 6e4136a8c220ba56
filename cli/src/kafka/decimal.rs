//! Floating point numbers as Java's `%.2f` writes them.

/// So many places behind the point. Java takes the shortest decimal that means this number, and rounds that half up.
pub(super) fn fixed(value: f64, places: usize) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}Infinity");
    }
    let shortest = format!("{}", value.abs());
    let (whole, behind) = shortest.split_once('.').unwrap_or((&shortest, ""));
    let rounds_up = behind.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    let mut digits: Vec<u8> =
        whole.bytes().chain(behind.bytes().chain(std::iter::repeat(b'0')).take(places)).collect();
    if rounds_up {
        add_one(&mut digits);
    }
    let point = digits.len() - places;
    let text = String::from_utf8_lossy(&digits);
    let (whole, behind) = text.split_at(point);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{behind}") }
}

/// To the last digit, with what is carried.
fn add_one(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn numbers_are_rounded_half_up() {
        let cases = [
            (0.0, 2, "0.00"),
            (0.125, 2, "0.13"),
            (0.135, 2, "0.14"),
            (1.005, 2, "1.01"),
            (9.999, 2, "10.00"),
            (999.95, 1, "1000.0"),
            (-0.25, 1, "-0.3"),
            (1234.5, 6, "1234.500000"),
            (1e-9, 4, "0.0000"),
            (1e21, 1, "1000000000000000000000.0"),
            (2.5, 0, "3"),
        ];
        for (value, places, text) in cases {
            assert_eq!(fixed(value, places), text, "{value}");
        }
    }

    #[test]
    fn what_is_no_number_has_javas_name() {
        assert_eq!(
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|value| fixed(value, 1)),
            ["NaN", "Infinity", "-Infinity"]
        );
    }
}
