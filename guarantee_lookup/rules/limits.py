"""How much may be looked up, and what stops it (security.md 2.7; guarantee_lookup.md 9.4 where that is silent)."""

HOUR = 3600

USER_HOUR = 60
USER_DAY = 300
INSTITUTION_DAY = 3000
ALERT_SHARE = 0.8

NONE_IN_A_ROW = 5
NONE_LOCK_SECONDS = 1800
NONE_HOUR = 10
NONE_DAY = 15

FILE_LINES = 50
FILE_LINES_DAY = 200
