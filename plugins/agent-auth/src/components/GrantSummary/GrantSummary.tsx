import { Text } from '@backstage/ui';
import type { Connection } from '@prompt-corner/plugin-agent-auth-common';
import { describeLimits, describeResource, describeScope } from '../../format';
import styles from './GrantSummary.module.css';

/** Says in words what a connection may do: a line for each resource, then its limits. */
export const GrantSummary = (props: {
  connection: Pick<Connection, 'resources' | 'limits'>;
}) => {
  const { resources, limits } = props.connection;
  return (
    <ul className={styles.list}>
      {resources.map(resource => (
        <li key={resource.audience} title={resource.audience}>
          <Text variant="body-small" weight="bold">
            {describeResource(resource)}
          </Text>
          <Text variant="body-small">
            {': '}
            {resource.scopes.map((name, index) => {
              const { title, write } = describeScope(resource.kind, name);
              return (
                <span key={name}>
                  {index > 0 && ', '}
                  <span className={write ? styles.write : undefined}>
                    {title}
                  </span>
                </span>
              );
            })}
          </Text>
        </li>
      ))}
      {describeLimits(limits).map(sentence => (
        <li key={sentence}>
          <Text variant="body-small" color="secondary">
            {sentence}
          </Text>
        </li>
      ))}
    </ul>
  );
};
