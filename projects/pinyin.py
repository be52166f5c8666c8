"""The Latin side of a Chinese name: the key it sorts by, and the initials it is searched by."""

from pypinyin import Style, lazy_pinyin, load_phrases_dict

# Local names whose first character reads otherwise elsewhere.
load_phrases_dict({"长垣": [["cháng"], ["yuán"]], "长修": [["cháng"], ["xiū"]], "长封": [["cháng"], ["fēng"]]})


def sort_key(name: str) -> str:
    """Syllables apart by spaces, so that 西安 (xi an) stands before 先 (xian)."""
    return " ".join(lazy_pinyin(name)).lower()


def initials(name: str) -> str:
    """华润50兆瓦风电 → hr50zwfd. Signs and spaces are left out."""
    return "".join(char for part in lazy_pinyin(name, style=Style.FIRST_LETTER) for char in part if char.isalnum()).lower()
