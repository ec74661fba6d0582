// Words of the pages that are fetched when they are first shown: one file, so that they are one request.
import { lazyEn } from './lazy_en';
import { logsEn } from './logs_en';
import { watchEn } from './watch_en';

export const pagesEn = { ...lazyEn, ...logsEn, ...watchEn };
