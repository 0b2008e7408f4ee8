import { FormEvent, useState } from 'react';
import { Alert, Button, Flex, Text, TextField } from '@backstage/ui';
import { formatUserCode, isCompleteUserCode } from '../../userCode';
import styles from './DevicePage.module.css';

const LETTERS = 8;

/**
 * Takes the code that a device shows.
 *
 * @param props.fromLink - the code that came in the page's address. It is filled in and never
 *   sent by itself: whoever sent the link knows the code, only the user knows the device.
 * @param props.problem - why the last code was not taken
 */
export const UserCodeForm = (props: {
  fromLink: string;
  isPending: boolean;
  problem?: string;
  onSubmit: (userCode: string) => void;
}) => {
  const { fromLink, isPending, problem, onSubmit } = props;
  const [userCode, setUserCode] = useState(() => formatUserCode(fromLink));
  const isComplete = isCompleteUserCode(userCode);
  const isMistyped = !isComplete && userCode.length > LETTERS;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete && !isPending) {
      onSubmit(userCode);
    }
  };

  return (
    <form onSubmit={submit}>
      <Flex direction="column" gap="4">
        <Text as="p" color="secondary" className={styles.text}>
          {fromLink
            ? 'This code came with the link. Continue only if your device shows the same one.'
            : 'Enter the code that your device or terminal shows.'}
        </Text>
        <TextField
          label="Code"
          className={styles.code}
          placeholder="XXXX-XXXX"
          autoComplete="off"
          autoCorrect="off"
          spellCheck="false"
          value={userCode}
          isInvalid={isMistyped}
          onChange={typed => setUserCode(formatUserCode(typed))}
        />
        {isMistyped && (
          <Text as="p" role="alert" variant="body-small" color="danger">
            A code has no vowels and no Y. Compare it letter by letter.
          </Text>
        )}
        {problem && <Alert role="alert" status="danger" icon title={problem} />}
        <Button type="submit" isDisabled={!isComplete} isPending={isPending}>
          Continue
        </Button>
      </Flex>
    </form>
  );
};
