import { Badge, Checkbox, CheckboxGroup, Flex, Text } from '@backstage/ui';
import { RiEditLine } from '@remixicon/react';
import type { ConsentResource } from '@prompt-corner/plugin-agent-auth-common';
import styles from './ScopeFields.module.css';

/**
 * Lets a user choose what may be done at one resource. Scopes that change something are marked.
 *
 * @param props.selected - names of the chosen scopes
 */
export const ScopeFields = (props: {
  resource: Pick<ConsentResource, 'title' | 'audience' | 'scopes'>;
  selected: string[];
  onChange: (selected: string[]) => void;
}) => {
  const { resource, selected, onChange } = props;
  return (
    <CheckboxGroup
      className={styles.group}
      label={resource.title}
      description={resource.audience}
      value={selected}
      onChange={onChange}
    >
      {resource.scopes.map(scope => (
        <Checkbox key={scope.name} value={scope.name} className={styles.scope}>
          <Flex direction="column" gap="0.5">
            <Flex align="center" gap="2" style={{ flexWrap: 'wrap' }}>
              <Text weight="bold">{scope.title}</Text>
              {scope.write && (
                <Badge
                  size="small"
                  className={styles.write}
                  icon={<RiEditLine aria-hidden />}
                >
                  Can change things
                </Badge>
              )}
            </Flex>
            <Text variant="body-small" color="secondary">
              {scope.description}
            </Text>
          </Flex>
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
};
