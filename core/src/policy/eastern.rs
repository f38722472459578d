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

use super::script_tables::{NAMES, words_of};
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
    // In `田中部長` the word of trade is the title's, and `정유미` and `李建设` are names as well.
    if business && !(titled && is_name) && !(names.len() == 1 && is_name_for_all_that(&whole)) {
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

/// Words of trade that parents choose: `建设` is to build, `健康` healthy.
const CHOSEN: [&str; 14] = [
    "建设", "建設", "文化", "中华", "中華", "健康", "亚洲", "亞洲", "智慧", "世界", "天地", "合作",
    "第一", "人民",
];
/// Is what holds a word of trade a name all the same, as each of its parts says?
fn is_name_for_all_that(whole: &str) -> bool {
    let mut letters = whole.char_indices().map(|(at, _)| at).skip(1);
    let (Some(one), Some(two)) = (letters.next(), letters.next()) else { return false };
    let (family, given) = whole.split_at(one);
    let (first, second) = given.split_at(two - one);
    let korean = has(family, 'k') && has(first, 's') && has(second, 't');
    let chinese = has(family, 'C') && CHOSEN.contains(&given);
    korean || chinese
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
        2 => of('C', 0, 1) || (surname(0, 1) || of('r', 0, 1)) && whole.ends_with(GIVEN),
        3 => surname(0, 1) || surname(0, 2) || of('r', 0, 1),
        // With the name of a husband's family before it, or of both parents.
        4 => surname(0, 2) || surname(0, 1) && surname(1, 2),
        _ => false,
    }
}

/// Chinese given names of one character, in both scripts, that few words end with.
const GIVEN: &[char] = &[
    '伟', '偉', '芳', '娜', '敏', '静', '靜', '丽', '麗', '强', '強', '磊', '洋', '勇', '艳', '艷',
    '杰', '傑', '娟', '涛', '濤', '超', '霞', '刚', '剛', '桂', '英', '玉', '萍', '辉', '輝', '鹏',
    '鵬', '浩', '欣', '怡', '嘉', '晨', '琳', '婷', '雪', '梅', '兰', '蘭', '凤', '鳳', '洁', '潔',
    '莲', '蓮', '琴', '晶', '晗', '烨', '燁', '裕', '颖', '穎', '倩', '慧', '娇', '嬌', '燕', '莉',
    '俊', '峰', '斌', '波', '彬', '凯', '凱', '健', '亮', '毅', '翔', '宁', '帆', '轩', '軒', '瑞',
    '睿', '博', '宇', '哲', '豪', '彤', '蕾', '薇', '菲', '茜', '琪', '瑶', '瑤', '瑾', '璐', '婕',
    '妍', '媛', '嫣', '丹', '彦', '昊', '炜', '煒', '炎', '焱', '锋', '鋒', '锐', '銳', '铭', '銘',
    '钰', '鈺', '雯', '霖', '骏', '駿', '莹', '瑩', '珊', '珍', '璇', '茹', '蓉', '虹', '蝶', '诚',
    '誠', '谦', '謙', '贤', '賢',
];

/// Parts of Tibetan, Mongolian, Uyghur and Yi names.
const MINORITIES: &[&str] = &[
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
    "热巴",
    "娜扎",
    "热依",
    "买提",
    "迪丽",
    "古力",
    "帕提",
    "艾力",
    "木江",
    "吾尔开",
    "艾山江",
    "玉素",
    "肉孜",
    "卡德尔",
    "吐逊",
    "依明",
    "祖力",
    "克里木",
    "斯琴",
    "娜仁",
    "其木格",
    "特木尔",
    "布仁",
    "阿拉坦",
    "敖登",
    "萨仁",
    "乌日",
    "尕藏",
    "桑吉",
    "措姆",
    "顿珠",
    "加措",
    "嘉措",
    "坚赞",
    "班觉",
    "旺堆",
    "次旦",
    "次旺",
    "群培",
    "吉克",
    "沙马",
    "尔古",
    "旺久",
    "仁增",
    "晋美",
    "江白",
    "土旦",
    "阿旺",
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
    if (4..=6).contains(&letters(whole)) && ends_as_given(whole) {
        return true;
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

/// Does it end as Japanese given names do: in a son, a helper, a guard, or a child that is no thing?
fn ends_as_given(whole: &str) -> bool {
    const ENDS: [&str; 6] = ["郎", "之介", "之助", "之丞", "衛門", "兵衛"];
    const THINGS: &[char] = &[
        '菓', '電', '獅', '王', '椅', '硝', '餃', '団', '帽', '種', '格', '玩', '扇', '杓', '障',
        '調', '様', '女', '男', '冊', '原', '粒', '分', '双', '息', '利', '因', '骨', '梯', '柚',
        '茄', '芥',
    ];
    let child = whole.strip_suffix('子').is_some_and(|rest| !rest.ends_with(THINGS));
    let han = |letter: char| matches!(letter, '\u{3400}'..='\u{9fff}');
    whole.chars().all(han) && (child || ENDS.iter().any(|end| whole.ends_with(end)))
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
