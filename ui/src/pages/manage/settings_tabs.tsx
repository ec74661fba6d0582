import { may } from '../../api/session';
import { Tabs } from '../../parts/listing';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

export function SettingsTabs({ here }: { here: string }) {
  const tabs: [string, string][] = [['/settings', w('server')]];
  tabs.push(['/settings/usage', w('usage')]);
  tabs.push(['/settings/teams', w('teams')]);
  tabs.push(['/settings/sessions', w('sessions')], ['/settings/audit', w('audit')]);
  if (may('admin')) tabs.push(['/settings/users', w('people')], ['/settings/keys', w('api_keys')]);
  return <Tabs label={t('settings')} here={here} tabs={tabs} />;
}
