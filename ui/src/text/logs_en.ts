// Words of what is said about log lines: patterns, stories, limits. Fetched with the first page that needs one.
export const logsEn = {
  log_records: 'Log lines',
  logs_kept: 'Log lines',
  logs_bytes: 'Logs on disk',
  log_retention: 'Logs by service',
  logs_readable: '{n} of {all} logs can be read',
  pattern_new: 'new',
  pattern_rule: 'Make a rule',
  patterns_left_out: '{n} rarer patterns are not shown: a narrower search shows them.',
  patterns_alone: 'Nothing is compared: there are no lines from the span before, or too many patterns.',
  log_troubles:
    'Some lines are missing here: {n} log is not read, or not whole|Some lines are missing here: {n} logs are not read, or not whole',
  log_dropped:
    '{source}: {n} lines were left out in the last hour, over its limit. Raise log_limits in the configuration of the agent, or have the service log less.',
  lines_never:
    'No line has come in the last 7 days: either no agent is here yet, or it cannot read the logs.',
  lines_add_node: 'Add a node',
  lines_none_at_all: 'No other line came in this time either.',
  lines_others: '{n} other line came in this time.|{n} other lines came in this time.',
  lines_in_week: '{n} matches in the last 7 days.|{n} match in the last 7 days.',
  lines_saved: '{n} line is saved.|{n} lines are saved.',
  lines_saved_part: 'Only {n} of {total} lines are saved: narrow the search, or ask the API for all.',
  story_around:
    'The alert names no request or id that leads further. These lines are from its service, from what that needs and from its host, in the minutes around {time}.',
  story_by_id: 'The alert names no request that leads further. These lines speak of the ids that it names.',
  story_around_cut: 'There is more: only the {n} lines nearest to the failure are shown.',
  story_changes_cut: 'More was changed than is shown here.',
  logs_of_alert: 'In the logs',
  story_of_alert: 'Its story across services',
};
