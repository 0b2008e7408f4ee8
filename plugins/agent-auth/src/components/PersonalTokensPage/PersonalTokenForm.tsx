import { FormEvent, useState } from 'react';
import { Button, Select, TextField } from '@backstage/ui';
import type {
  AgentAuthApi,
  ConsentResource,
  PersonalTokenRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import { LimitInput, noLimits, toGrantLimits } from '../../limits';
import { FailureAlert } from '../FailureAlert';
import { LifetimeSelect } from '../LifetimeSelect';
import { LimitFields } from '../LimitFields';
import { ScopeFields } from '../ScopeFields';
import styles from './PersonalTokensPage.module.css';

type Options = Awaited<ReturnType<AgentAuthApi['getPersonalTokenOptions']>>;

const LONGEST_NAME = 100;

/**
 * What a personal token is to be.
 *
 * @param props.options - with at least one resource
 */
export const PersonalTokenForm = (props: {
  options: Options;
  isPending: boolean;
  error?: Error;
  onSubmit: (request: PersonalTokenRequest) => void;
}) => {
  const { options, isPending, error, onSubmit } = props;
  const [name, setName] = useState('');
  const [resource, setResource] = useState(options.resources[0]);
  const [scopes, setScopes] = useState(() => readScopes(options.resources[0]));
  const [limits, setLimits] = useState<LimitInput>(noLimits);
  const [lifetimeSeconds, setLifetimeSeconds] = useState(
    options.defaultLifetimeSeconds,
  );
  const isComplete = name.trim() !== '' && scopes.length > 0;

  const choose = (audience: string) => {
    const chosen = options.resources.find(
      candidate => candidate.audience === audience,
    );
    if (chosen) {
      setResource(chosen);
      setScopes(readScopes(chosen));
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete || isPending) {
      return;
    }
    onSubmit({
      name: name.trim(),
      audience: resource.audience,
      scopes,
      limits: toGrantLimits(limits, resource.limits),
      lifetimeSeconds,
    });
  };

  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Name"
        description="Where it is used, so that you recognise it."
        placeholder="Nightly report"
        autoComplete="off"
        isRequired
        maxLength={LONGEST_NAME}
        value={name}
        onChange={setName}
      />
      <Select
        label="For"
        options={options.resources.map(({ audience, title }) => ({
          id: audience,
          label: title,
        }))}
        value={resource.audience}
        onChange={key => choose(String(key))}
      />
      <ScopeFields
        resource={{ ...resource, title: 'What it may do' }}
        selected={scopes}
        onChange={setScopes}
      />
      <LimitFields
        limits={resource.limits}
        value={limits}
        onChange={setLimits}
      />
      <LifetimeSelect
        label="For how long"
        lifetimesSeconds={options.lifetimesSeconds}
        value={lifetimeSeconds}
        onChange={setLifetimeSeconds}
      />
      {error && (
        <FailureAlert title="The token could not be made" error={error} />
      )}
      <div>
        <Button type="submit" isDisabled={!isComplete} isPending={isPending}>
          Make token
        </Button>
      </div>
    </form>
  );
};

// A token that may change things is made only by somebody who says so.
function readScopes(resource: ConsentResource): string[] {
  return resource.scopes.filter(scope => !scope.write).map(scope => scope.name);
}
