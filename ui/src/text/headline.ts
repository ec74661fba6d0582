// What a line of a log says, without what stands before it in OpenStack's format: time, process, level, request. For a
// heading; the line itself is in the evidence.
const kHead = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \d+ [A-Z]+ (\S+) \[[^\]\n]*\] (?=\S)/;

export const headline = (text: string): string => text.replace(kHead, '$1: ');
