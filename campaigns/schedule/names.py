"""Days and pause conditions: the codes of CXone's contract, with their names on screen."""

DAY_NAMES = {
    "MON": "Monday",
    "TUE": "Tuesday",
    "WED": "Wednesday",
    "THU": "Thursday",
    "FRI": "Friday",
    "SAT": "Saturday",
    "SUN": "Sunday",
}
CONDITION_NAMES = {
    "NO_ANSWER": "No answer",
    "BUSY": "Busy",
    "DISCONNECTED": "Disconnected",
    "ANSWERING_MACHINE": "Answering machine",
}
DAYS = tuple(DAY_NAMES)
PAUSE_CONDITIONS = tuple(CONDITION_NAMES)
