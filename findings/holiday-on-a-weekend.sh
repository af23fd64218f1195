#!/usr/bin/env bash
# jactus calls 5 July 2021 a business day of the New York Stock Exchange, which observed Independence Day then.
#
# Date: 2026-11-30
#
# Versions: jactus 0.2.0, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, pandas 3.1.1, pandas-market-calendars
#   5.5.0, Python 3.12, CPU.
#
# Behaviour:
#   A holiday of the New York Stock Exchange that falls on a Sunday is observed on the Monday after it, and one on a
#   Saturday on the Friday before, but for New Year's Day. A bank holiday of the United Kingdom on a weekend has a
#   substitute day. Payments that fall on such a day move to the next business day, and the day count business/252
#   leaves it out.
#
#   jactus's NYSECalendar and UKSettlementCalendar have the dates of the holidays alone, for 2000 to 2100, so each one
#   on a weekend is lost. From 2000 to 2024 it calls 18 days of New York open which were closed for a holiday that was
#   observed, 5 July 2021 and 26 December 2022 among them, and closes 16 days on a Juneteenth that was no holiday before
#   2022. In London 3 January 2022 and 28 December 2021 are business days for it.
#
#   The source: the classes in jactus/utilities/calendars.py add `date(year, 7, 4)` and the like, and have no rule for a
#   weekend; Juneteenth is added for each year.
#
# Output seen:
#   New York, 2000 to 2024: 18 observed holidays are business days of jactus:
#     2016-12-26, 2017-01-02, 2020-07-03, 2021-07-05, 2021-12-24, 2022-06-20, 2022-12-26, 2023-01-02 are the last ones
#   closed by jactus, and open: 16, of these on 19 June 16
#   London, substitute days that jactus calls business days:
#     2021-12-27, 2021-12-28, 2022-01-03, 2022-12-27, 2023-01-02
#   business days from 1 July 2021 to 7 July: jactus 4, the exchange 3
#
# Exit code: 0 if the behaviour is as stated, 1 if it has changed, 2 if the script cannot run.

set -euo pipefail

python=""
for name in python3.12 python3.13 python3.14 python3; do
  if "$name" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 15))' 2>/dev/null; then
    python=$("$name" -c 'import sys; print(sys.executable)')
    break
  fi
done
if [ -z "$python" ]; then
  echo "This script needs Python 3.12, 3.13 or 3.14, and none of them is on the PATH." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packages=(
  'jactus==0.2.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'pandas==3.1.1'
  'pandas-market-calendars==5.5.0'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import pandas as pd
import pandas_market_calendars
from jactus.core.time import ActusDateTime
from jactus.utilities.calendars import get_calendar

days = pd.bdate_range("2000-01-01", "2024-12-31")
exchange = pandas_market_calendars.get_calendar("NYSE")
open_days = set(exchange.valid_days("2000-01-01", "2024-12-31").tz_localize(None))
new_york = get_calendar("NYSE")
own = {day: new_york.is_business_day(ActusDateTime(day.year, day.month, day.day)) for day in days}
near = [(1, 1), (6, 19), (7, 4), (12, 25)]


def observed(day):
    """A Monday or Friday beside one of the four holidays on a weekend."""
    shift = {0: -1, 4: 1}.get(day.weekday())
    return shift is not None and ((day + pd.Timedelta(days=shift)).month, (day + pd.Timedelta(days=shift)).day) in near


lost = [day for day in days if own[day] and day not in open_days and observed(day)]
extra = [day for day in days if not own[day] and day in open_days]
print(f"New York, 2000 to 2024: {len(lost)} observed holidays are business days of jactus:")
print("  " + ", ".join(f"{day:%Y-%m-%d}" for day in lost[-8:]) + " are the last ones")
print(f"closed by jactus, and open: {len(extra)}, of these on 19 June {sum(day.month == 6 for day in extra)}")
london = get_calendar("UK_SETTLEMENT")
substitutes = [(2021, 12, 27), (2021, 12, 28), (2022, 1, 3), (2022, 12, 27), (2023, 1, 2)]
answers = [london.is_business_day(ActusDateTime(*day)) for day in substitutes]
print("London, substitute days that jactus calls business days:")
print("  " + ", ".join("{}-{:02}-{:02}".format(*day) for day, answer in zip(substitutes, answers) if answer))
start, end = ActusDateTime(2021, 7, 1), ActusDateTime(2021, 7, 7)
counted = new_york.business_days_between(start, end)
right = len(exchange.valid_days("2021-07-01", "2021-07-06"))
print(f"business days from 1 July 2021 to 7 July: jactus {counted}, the exchange {right}")
known = {pd.Timestamp("2021-07-05"), pd.Timestamp("2022-12-26"), pd.Timestamp("2023-01-02")} <= set(lost)
sys.exit(0 if known and len(lost) > 10 and all(answers) and counted == right + 1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
