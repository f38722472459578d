#!/usr/bin/env python3
"""Makes script_names.tsv: names in other scripts than the Latin one, from published lists.

    pip download --no-deps faker==40.63.0
    npm pack @faker-js/faker@10.6.0 && tar xzf faker-js-faker-10.6.0.tgz
    node --input-type=module -e "$FAKERJS" > fakerjs.json       (FAKERJS is below)
    Noun.name.csv of mecab-ipadic                               (github.com/taku910/mecab)
    python3 make_script_names.py FOLDER

Both Fakers are under the MIT licence; ipadic is under that of the Nara Institute of Science and
Technology. Names are folded as the policy folds them.

Marks: `G` a given name, `f` a family's, in alphabets; `J` and `j` the same in Japanese; `C` a common Chinese surname, `c` any, `r` a rare one; `k` a Korean one; `s` and `t` the first and second syllable of Korean given names.
"""

import ast, json, re, sys, unicodedata, zipfile
from collections import defaultdict
from pathlib import Path

FOLDER, HERE = Path(sys.argv[1]), Path(__file__).parent

FAKERJS = """
import { allFakers } from './package/dist/index.js'
const all = x => !x ? [] : Array.isArray(x) ? x : [...(x.generic || []), ...(x.female || []), ...(x.male || [])]
const names = x => all(x).map(y => typeof y === 'object' ? y.value : y)
const of = p => [names(p.first_name), names(p.last_name)]
console.log(JSON.stringify(Object.fromEntries(Object.entries(allFakers).map(([k, v]) => [k, of(v.rawDefinitions.person || {})]))))
"""

# The commonest Chinese surnames, in the order of the census of 2010 and of Taiwan's of 2018, in
# both scripts, and those of two characters.
CHINESE = """王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟
汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁
葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景
薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙
计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺練廉普尚尉瑙
陳楊趙黃吳孫馬羅鄭謝韓馮於蕭鄧許呂蘇盧蔣賈葉閻鍾譚鄒陸顧龍萬錢湯喬賀賴龔龐蘭嚴溫蘆魯韋畢聶叢齊莊塗時關費紀歐項陽衛單寧閔車邊饒
鄔暢宮簡婁蓋黨談連欒計竇遲鞏稽樂蕭范姜巫涂簡鄞連江闕粘童邱康施饒溫塗游湛凃藍
張劉麥區鄺嚴顏龐帥紀遊寧鈕濮甯祿曠況湯陰蔚談儲勞談黨廉閆項駱覃鈄冼繆聞賁壽蒯闞酈闕龍葉鄂籍賴卓藺屠喬陰鬱雙翟譚貢勞逄姬
閻鐘練寶鮑齊郤費盧鄔樊許鞏庫晁勾敖融冷訾辛闞那簡饒空曾毋沙乜養鞠須豐巢關蒯相查後荊紅游竺權逯蓋益桓公"""
# The rest of the Hundred Family Surnames (百家姓, Song dynasty), and of minorities: with two characters
# behind them.
RARE = """水窦云花俞任酆薛雷倪殷罗毕郝邬安乐于时皮卞齐伍元卜顾平穆尹姚湛祁毛禹狄米贝明臧伏戴谈茅庞纪舒屈项祝董梁杜阮蓝席季麻强娄危童颜
郭梅盛林刁锺徐邱骆高夏蔡田樊胡凌霍虞支柯昝管莫经裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔钮嵇邢滑裴荣翁荀羊於惠甄魏家封芮羿储汲邴糜松
段富巫乌焦巴弓牧隗山谷车侯宓蓬班仰秋仲伊宁仇栾暴甘钭厉戎祖武符刘景詹束叶幸司韶郜黎蓟薄印宿怀蒲邰从鄂索咸籍赖蔺屠蒙池乔苍双莘翟谭劳
逄姬申扶堵冉宰郦雍璩濮寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步耿弘匡文寇广禄阙东欧殳沃利蔚越夔隆
师巩厍聂晁勾敖融冷訾辛阚那简饶曾毋沙乜养鞠须丰巢关蒯相查荆红游竺权逯盖益桓岳帅缑亢况后有琴商牟佘佴伯赏墨哈谯笪年爱阳佟宝麦苟党刀普
覃韦蓝农莫肖朴释釋郗敬撒仝亓付彰尕冮昃矫"""
# Those with which a name of two characters is one: the first hundred, without those that words begin
# with as often.
COMMON = """李王张刘陈杨赵黄周吴徐孙胡朱高林何郭罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范姚谭
廖邹熊陆郝孔崔毛邱秦江史顾侯邵孟段汤尹黎易武乔贺赖龚殷施洪翟颜倪严牛温季俞鲁葛韦毕聂张劉陳楊趙黃吳孫羅鄭謝韓馮於蕭鄧許呂蘇盧蔣賈
葉閻鍾譚鄒陸顧湯喬賀賴龔顏嚴溫魯韋畢聶伍郎尤殷張肖
巩舒郎丛佟庄柯梅阮童苗骆房裴屠闫柴覃欧关耿焦左涂曲冉朴祝詹简凌辛费霍翁单迟甄窦岳邢游康方万柳白龙石金钱倪鞏莊駱關費單遲竇遊倪區麥鄺岑簡塗"""
DOUBLE = """欧阳 歐陽 司徒 司马 司馬 诸葛 諸葛 上官 夏侯 皇甫 尉迟 公孙 公孫 慕容 令狐 轩辕 长孙 宇文 端木 东方 東方 独孤 南宫 南宮
闻人 申屠 淳于 太史 赫连 呼延 万俟 濮阳 单于 张简 張簡 范姜 歐陽 张廖 張廖"""
KOREAN = """김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 유 홍 전 고 문 손 양 배 백 허 남 심 노 하 곽 성 차 주 우 구 민 나 진 지
엄 채 원 천 방 공 현 함 변 염 여 추 도 소 석 선 설 마 길 연 위 표 명 기 반 라 왕 금 옥 육 인 맹 제 모 탁 국 어 은 편 용 예 경 봉 사 부 가 복 태
목 형 계 두 감 음 빈 동 온 호 범 좌 팽 승 간 상 시 갈 단 견 당 리 로 량 림 렴 련 남궁 황보 제갈 선우 독고 사공 서문 동방"""
# Syllables of given names that the lists lack, from the names of the Korean register (대법원, 2008-2023).
SYLLABLES = """가 강 건 걸 겸 경 계 고 국 궁 규 극 근 기 길 관 광 교 구 국 권 규 균 근 금 기 길 나 남 노 다 단 대 덕 도 동 두 락 란 래 려 련 령 로 록 류 률 름 리 린 림 만 명 모 륜 륭 립 분 덕 돈 막 남 별 임 억 출 쇠 돌
묘 문 미 민 배 백 범 법 별 병 보 복 봉 빈 산 삼 상 새 샘 서 석 선 설 섭 성 세 소 솔 송 수 숙 순 슬 승 시 식 신 심 아 안 애 양 언 여 연 열
엽 영 예 오 옥 온 완 왕 용 우 욱 운 웅 원 월 위 유 윤 율 은 을 의 이 익 인 일 임 자 장 재 정 제 조 종 주 준 중 지 진 찬 창 채 천 철 청 초 춘
충 치 칠 탁 태 택 표 하 학 한 해 향 헌 혁 현 형 혜 호 홍 화 환 황 회 효 훈 휘 휴 흠 흥 희 겨 갑 달 무 술 녀 필"""


def folded(name):
    """As `words.rs` folds: composed, in lower case; Greek without accents, Hebrew without points, Arabic
    with one letter for each of its variants."""
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).lower())
    made = ""
    for c in name:
        if "\u0370" <= c <= "\u03ff" or "\u1f00" <= c <= "\u1fff":
            c = unicodedata.normalize("NFD", c)[0].replace("ς", "σ")
        c = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ے": "ي"}.get(c, c)
        if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") and not ("\u0591" <= c <= "\u05c7" or "\u064b" <= c <= "\u0670"):
            made += c
        elif c in " -־":
            made += " "
    return made.split()


def faker():
    archive = zipfile.ZipFile(next(FOLDER.glob("faker-*.whl")))
    for path in archive.namelist():
        found = re.search(r"providers/person/(\w+)/__init__\.py$", path)
        for node in ast.walk(ast.parse(archive.read(path))) if found else []:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if not isinstance(target, ast.Name) or not re.match(r"(first|last)_", target.id) or not getattr(node, "value", None):
                continue
            for text in ast.walk(node.value):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield found[1], "G" if target.id.startswith("first") else "f", text.value


def fakerjs():
    for locale, (given, family) in json.loads((FOLDER / "fakerjs.json").read_text()).items():
        yield from ((locale, "G", name) for name in given)
        yield from ((locale, "f", name) for name in family)


def script(word):
    """The script of a word; nothing of a Latin one."""
    names = {unicodedata.name(c, "?").split()[0] for c in word if c.isalpha()}
    return names.pop() if len(names) == 1 and "LATIN" not in names else None


ALPHABETS = {"CYRILLIC", "GREEK", "ARABIC", "HEBREW", "THAI", "ARMENIAN", "GEORGIAN", "DEVANAGARI", "BENGALI", "TAMIL"}

if __name__ == "__main__":
    marks = defaultdict(set)
    for locale, mark, name in [*faker(), *fakerjs()]:
        words = folded(name)
        if all(script(word) in ALPHABETS for word in words):
            # Of a name of several words each is one; short ones say nothing.
            for word in words:
                if len(word) > 1:
                    marks[word].add(mark)
        elif locale.startswith("ko") and mark == "G" and len(words) == 1 and len(words[0]) == 2 and script(words[0]) == "HANGUL":
            marks[words[0][0]].add("s")
            marks[words[0][1]].add("t")
    for line in (FOLDER / "Noun.name.csv").read_bytes().decode("euc-jp", "ignore").splitlines():
        fields = line.split(",")
        for mark, kind in (("j", "姓"), ("J", "名")):
            if fields[7] == kind and len(fields[0]) < 6:
                marks[fields[0]].add(mark)
    for surname in CHINESE.replace("\n", ""):
        marks[surname].add("c")
    for surname in COMMON.replace("\n", ""):
        marks[surname].add("C")
    for surname in RARE.replace("\n", ""):
        marks[surname].add("r")
    for surname in DOUBLE.split():
        marks[surname].add("c")
    for surname in KOREAN.split():
        marks[surname].add("k")
    for syllable in SYLLABLES.split():
        marks[syllable].update("st")
    order = "GfJjCcrkst"
    lines = sorted(f"{name}\t{''.join(m for m in order if m in of)}" for name, of in marks.items())
    (HERE / "script_names.tsv").write_text("".join(f"{line}\n" for line in lines))
    print(len(lines))
