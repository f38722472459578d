//! Chinese, Japanese and Korean names, which are written without blanks.
//!
//! A Chinese name is a surname of one character, or of two, and one or two more. A Japanese one is a
//! surname and a given name that dictionaries know; a Korean one a surname and two syllables of given
//! names. Each may have an honorific behind it. Between the names of somebody whose name is written by
//! its sound stands a middle dot.
//!
//! What is known as a brand, or holds a word of trade, is no person's name.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::scripts::{NAMES, words_of};
use super::word::Word;

static BRANDS: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    ["han", "korean"].into_iter().flat_map(|script| words_of("brand", script)).collect()
});

/// Signs at the end of what is a house, a shop or an office, and of no name.
const PLACES: &[char] = &[
    '寺', '宫', '宮', '祠', '庙', '廟', '馆', '館', '店', '厂', '廠', '铺', '鋪', '舖', '屋', '网',
    '網', '社', '报', '報', '院', '所', '站', '斋', '齋', '局', '部', '省', '县', '縣', '镇', '鎮',
    '糖', '亭', '庵', '荘', '組',
];

/// Honorifics, the longest first.
static TITLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let scripts = ["han", "japanese", "korean"].into_iter();
    let mut titles: Vec<_> = scripts.flat_map(|script| words_of("suffix_title", script)).collect();
    titles.sort_by_key(|title| std::cmp::Reverse(title.len()));
    titles
});

const PERSON: [Word; 2] = [Word::Family, Word::Given { common: true }];

/// What words beside each other are. `business`: do they hold a word of trade?
pub(super) fn read(
    words: &[&str],
    business: bool,
    interpunct: bool,
    country: Option<&str>,
) -> Vec<Word> {
    let (names, titled) = without_title(words);
    let whole: String = names.concat();
    let titled = titled || words.len() > names.len();
    let is_name = is_person(&names, &whole, titled, country) || interpunct && names.len() > 1;
    if BRANDS.contains(&whole) || whole.ends_with(PLACES) {
        return vec![Word::Business];
    }
    // In `田中部長` the word of trade is the title's.
    if business && !(titled && is_name) {
        return vec![Word::Business];
    }
    if is_name || titled && whole.chars().count() <= 6 {
        return PERSON.to_vec();
    }
    vec![Word::Unknown; names.len().min(2)]
}

/// The words without an honorific at their end, and whether there was one.
fn without_title<'a>(words: &[&'a str]) -> (Vec<&'a str>, bool) {
    let mut names = words.to_vec();
    // Before the name, as in `변호사 조영래`.
    if names.len() > 1 && TITLES.iter().any(|title| title == names[0]) {
        names.remove(0);
        return (names, true);
    }
    let Some(last) = names.pop() else { return (names, false) };
    let title = TITLES.iter().find(|title| last.ends_with(title.as_str()));
    let rest = title.and_then(|title| last.strip_suffix(title.as_str()));
    match rest {
        Some("") if !names.is_empty() => (without_title(&names).0, true),
        // A short word may be another's end: `양평군` is a county.
        Some(rest) if is_certain(title) && rest.chars().count() > 1 => {
            names.push(rest);
            (names, true)
        }
        Some(rest) if is_person(&[rest], rest, false, None) => {
            names.push(rest);
            (names, true)
        }
        _ => {
            names.push(last);
            (names, false)
        }
    }
}

/// Is an honorific no other word, and none's end?
fn is_certain(title: Option<&String>) -> bool {
    let hangul = |letter: char| matches!(letter, '\u{ac00}'..='\u{d7a3}');
    title.is_some_and(|title| title.chars().nth(1).is_some() && !title.starts_with(hangul))
}

fn is_person(names: &[&str], whole: &str, titled: bool, country: Option<&str>) -> bool {
    let is = |codes: &[&str]| {
        country.is_some_and(|country| codes.iter().any(|code| code.eq_ignore_ascii_case(country)))
    };
    let hangul = |letter: char| matches!(letter, '\u{ac00}'..='\u{d7a3}');
    let kana = |letter: char| matches!(letter, '\u{3040}'..='\u{30ff}');
    if whole.chars().all(hangul) {
        return is_korean(names, whole, titled);
    }
    let japanese = || is_japanese(names, whole, titled);
    if whole.contains(kana) || is(&["JP"]) {
        return japanese();
    }
    is_chinese(whole) || !is(&["CN", "TW", "HK", "MO", "SG", "MY"]) && japanese()
}

fn has(name: &str, mark: char) -> bool {
    NAMES.get(name).is_some_and(|marks| marks.contains(mark))
}

fn is_chinese(whole: &str) -> bool {
    let letters: Vec<(usize, char)> = whole.char_indices().collect();
    let of = |mark: char, from: usize, to: usize| {
        let end = letters.get(to).map_or(whole.len(), |(at, _)| *at);
        has(&whole[letters[from].0..end], mark)
    };
    let surname = |from, to| of('c', from, to);
    if MINORITIES.iter().any(|part| whole.contains(part)) && (3..=6).contains(&letters.len()) {
        return true;
    }
    match letters.len() {
        2 => of('C', 0, 1),
        3 => surname(0, 1) || surname(0, 2) || of('r', 0, 1),
        // With the name of a husband's family before it, or of both parents.
        4 => surname(0, 2) || surname(0, 1) && surname(1, 2),
        _ => false,
    }
}

/// Parts of Tibetan, Mongolian, Uyghur and Yi names.
const MINORITIES: [&str; 48] = [
    "扎西",
    "次仁",
    "卓玛",
    "旺姆",
    "索朗",
    "格桑",
    "多吉",
    "丹增",
    "平措",
    "尼玛",
    "达瓦",
    "拉姆",
    "央金",
    "罗布",
    "洛桑",
    "边巴",
    "白玛",
    "巴桑",
    "米玛",
    "普布",
    "德吉",
    "仁青",
    "旦增",
    "强巴",
    "曲珍",
    "其美",
    "嘎玛",
    "益西",
    "土登",
    "贡布",
    "才让",
    "卓嘎",
    "图雅",
    "乌兰",
    "其其格",
    "巴特尔",
    "格日勒",
    "朝鲁",
    "那仁",
    "阿依",
    "古丽",
    "买买提",
    "阿不都",
    "吐尔",
    "热合曼",
    "木拉提",
    "高娃",
    "阿木",
];

fn is_japanese(names: &[&str], whole: &str, titled: bool) -> bool {
    let letters = |text: &str| text.chars().count();
    if let [family, given] = names {
        return has(family, 'j') || has(given, 'J') || letters(family) <= 4 && letters(given) <= 4;
    }
    let kana = |text: &str| text.chars().all(|letter| matches!(letter, '\u{3040}'..='\u{30ff}'));
    if names.len() != 1 || letters(whole) < 3 && !titled || kana(whole) && !titled {
        return false;
    }
    let splits = whole.char_indices().skip(1).map(|(at, _)| whole.split_at(at));
    // In the lists names have five letters at most.
    if letters(whole) > 10 {
        return false;
    }
    let katakana = |letter: char| matches!(letter, '\u{30a1}'..='\u{30fa}');
    let kanji = |text: &str| !text.chars().any(|letter| matches!(letter, '\u{3040}'..='\u{30ff}'));
    splits.into_iter().any(|(family, given)| {
        let (of_family, of_given) = (letters(family), letters(given));
        match (has(family, 'j'), has(given, 'J')) {
            (true, true) => true,
            // Many given names are in no list: in kana any, in kanji of two letters or more.
            (true, false) if kana(given) => (2..=3).contains(&of_given),
            (true, false) => {
                of_family > 1 && (1..=3).contains(&of_given) && !given.ends_with(HOUSES)
            }
            (false, true) => {
                let is_family = of_family == 2 || kana(family) && (2..=4).contains(&of_family);
                is_family && !whole.ends_with(HOUSES)
            }
            (false, false) if whole.contains(katakana) => false,
            // Names for an election are written so that everybody can read them.
            (false, false) => {
                let read =
                    kanji(family) && of_family <= 3 && kana(given) && (2..=4).contains(&of_given);
                let half =
                    kana(family) && (2..=4).contains(&of_family) && kanji(given) && of_given <= 3;
                read || half && !given.ends_with(HOUSES)
            }
        }
    })
}

/// Signs at the end of Japanese firms, beside those of [`PLACES`].
const HOUSES: &[char] = &[
    '家', '堂', '園', '会', '軒', '舎', '座', '楼', '丸', '号', '商', '工', '鉄', '急', '電', '本',
];

fn is_korean(names: &[&str], whole: &str, titled: bool) -> bool {
    let letters: Vec<(usize, char)> = whole.char_indices().collect();
    let apart = names.iter().all(|name| name.chars().nth(1).is_none());
    if !(2..=4).contains(&letters.len()) || names.len() > 2 && !apart {
        return false;
    }
    // With a surname of two syllables nothing else is written so.
    if letters.len() > 2 && has(&whole[..letters[2].0], 'k') {
        return true;
    }
    let surname = usize::from(letters.len() == 4) + 1;
    let (family, given) = whole.split_at(letters[surname].0);
    let syllables: Vec<String> = given.chars().map(String::from).collect();
    let is_given = match syllables.as_slice() {
        // A word of two syllables says little, unless the first is the commonest surnames.
        [only] if titled || names.len() == 2 => has(only, 's'),
        [only] => COMMON.contains(family) && ALONE.contains(only.as_str()),
        [first, second] if has(first, 's') => {
            has(second, 't') || COMMON.contains(family) && !ENDS.contains(second.as_str())
        }
        [_, second] => has(second, 't') && COMMON.contains(family),
        _ => false,
    };
    has(family, 'k') && is_given
}

/// Surnames that half of all Koreans have (census of 2015) and few other words begin with.
const COMMON: &str = "김박최황권윤송허이정강조임장오한";
/// Syllables that firms end with.
const ENDS: &str = "네당집점사밥면탕트드스크즈톡팜몰샵넷폰";
/// Given names of one syllable.
const ALONE: &str =
    "현준민훈진찬혁석철호건영웅빈범율린윤은혜숙희환욱익완용선연원태필형휘흠솔훤환구광균일황참";
