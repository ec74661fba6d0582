// Words of the pages that are fetched when they are first shown: one file, so that they are one request.
import { lazyEs } from './lazy_es';
import { logsEs } from './logs_es';
import { watchEs } from './watch_es';

export const pagesEs = { ...lazyEs, ...logsEs, ...watchEs };
