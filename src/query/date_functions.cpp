// Parts of dates (the date half of value_functions.h). The calendar is the proleptic Gregorian one; days to
// dates as in H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#include <cmath>
#include <cstdint>
#include <limits>

#include "query/value_functions.h"

namespace sentinella::query {
namespace {

struct Date {
  std::int64_t year;
  int month;  ///< 1 to 12
  int day;    ///< 1 to 31
};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

Date date_of(std::int64_t days) {
  days += 719'468;  // from 1970-01-01 to 0000-03-01
  const std::int64_t era = floor_divide(days, 146'097);
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto shifted_month = static_cast<int>((5 * day_of_year + 2) / 153);
  const auto day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in(std::int64_t year, int month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

constexpr std::int64_t kDay = 86'400;

/// Calls `part(days, seconds of the day)`.
template <typename Part>
double of_time(double seconds, Part&& part) {
  // A time beyond is no date that anybody could read; the conversion would overflow.
  if (!(std::abs(seconds) < 1e15)) return std::numeric_limits<double>::quiet_NaN();
  const auto whole = static_cast<std::int64_t>(seconds);
  const std::int64_t days = floor_divide(whole, kDay);
  return static_cast<double>(part(days, whole - days * kDay));
}

template <typename Part>
double of_date(double seconds, Part&& part) {
  return of_time(seconds, [&](std::int64_t days, std::int64_t) { return part(date_of(days)); });
}

double minute(double t) {
  return of_time(t, [](std::int64_t, std::int64_t second) { return second / 60 % 60; });
}
double hour(double t) {
  return of_time(t, [](std::int64_t, std::int64_t second) { return second / 3600; });
}
double day_of_week(double t) {
  // 1970-01-01 was a Thursday.
  return of_time(t, [](std::int64_t days, std::int64_t) { return days + 4 - floor_divide(days + 4, 7) * 7; });
}
double day_of_month(double t) {
  return of_date(t, [](const Date& date) { return date.day; });
}
double day_of_year(double t) {
  return of_date(t, [](const Date& date) {
    int day = date.day;
    for (int month = 1; month < date.month; ++month) day += days_in(date.year, month);
    return day;
  });
}
double days_in_month(double t) {
  return of_date(t, [](const Date& date) { return days_in(date.year, date.month); });
}
double month(double t) {
  return of_date(t, [](const Date& date) { return date.month; });
}
double year(double t) {
  return of_date(t, [](const Date& date) { return date.year; });
}

struct Named {
  std::string_view name;
  ValueFunction function;
};
constexpr Named kFunctions[] = {
    {"day_of_month", day_of_month},
    {"day_of_week", day_of_week},
    {"day_of_year", day_of_year},
    {"days_in_month", days_in_month},
    {"hour", hour},
    {"minute", minute},
    {"month", month},
    {"year", year},
};

}  // namespace

ValueFunction find_date_function(std::string_view name) {
  for (const Named& entry : kFunctions)
    if (entry.name == name) return entry.function;
  return nullptr;
}

}  // namespace sentinella::query
