"""The drawn signs: icons of 24 units with a stroke, lamps of 12 units with a fill."""

ICONS = {
    "duty": "M4 6l1.5 1.5L8 5M4 12l1.5 1.5L8 11M4 18l1.5 1.5L8 17M11 6h9M11 12h9M11 18h9",
    "camera": "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.5 3.5 0 100 7 3.5 3.5 0 000-7",
    "clip": "M20 11l-8.5 8.5a5 5 0 01-7-7L13 4a3.3 3.3 0 014.7 4.7l-8.5 8.5a1.7 1.7 0 01-2.4-2.4L14 7.5",
    "board": "M4 20V10M10 20V4M16 20v-8M21 20H3",
    "list": "M4 5h16v14H4zM4 10h16M10 10v9",
    "money": "M12 21v-9M5 4l7 8 7-8M7 13h10M7 17h10",
    "bell": "M6 17V11a6 6 0 1112 0v6l2 2H4zM10 21h4",
    "find": "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13M15.5 15.5L20 20",
    "dark": "M20 14.5A8.5 8.5 0 119.5 4a7 7 0 0010.5 10.5z",
    "light": "M12 8a4 4 0 100 8 4 4 0 000-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19",
    "leave": "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
}

SHAPES = {
    "red": '<rect x="1" y="1" width="10" height="10" rx="1" class="f-red"/>',
    "amber": '<path d="M6 1L11.5 11H.5z" class="f-amber"/>',
    "green": '<circle cx="6" cy="6" r="5.5" class="f-green"/>',
    "grey": '<circle cx="6" cy="6" r="4.5" class="f-grey"/>',
}
