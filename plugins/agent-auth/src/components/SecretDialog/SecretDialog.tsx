import { useState } from 'react';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  VisuallyHidden,
} from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import styles from './SecretDialog.module.css';

type Copying = 'not yet' | 'copied' | 'failed';

/**
 * Shows a secret, the only time that it is shown. Nothing but its button closes it, so that it is
 * not lost by a stray click; the page forgets the secret with it.
 *
 * @param props.label - what the secret is, such as `Token`
 */
export const SecretDialog = (props: {
  title: string;
  label: string;
  secret: string;
  onClose: () => void;
}) => {
  const { title, label, secret, onClose } = props;
  const [copying, setCopying] = useState<Copying>('not yet');

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopying('copied');
    } catch {
      setCopying('failed');
    }
  };

  return (
    <Dialog
      isOpen
      isDismissable={false}
      isKeyboardDismissDisabled
      onOpenChange={isOpen => !isOpen && onClose()}
      className={styles.dialog}
      width="min(34rem, 100vw)"
    >
      <DialogHeader>{title}</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          <Alert
            status="warning"
            icon
            title="Copy it now"
            description="It will not be shown again. Keep it like a password: whoever has it can act in your name."
          />
          <output className={styles.secret} aria-label={label}>
            {secret}
          </output>
          <div>
            <Button
              iconStart={
                copying === 'copied' ? <RiCheckLine /> : <RiFileCopyLine />
              }
              onPress={copy}
            >
              {copying === 'copied' ? 'Copied' : `Copy ${label.toLowerCase()}`}
            </Button>
          </div>
          <VisuallyHidden role="status">
            {copying === 'copied' && `${label} copied`}
          </VisuallyHidden>
          {copying === 'failed' && (
            <Alert
              role="alert"
              status="danger"
              icon
              title="The browser did not let this page copy"
              description="Select the text above and copy it yourself."
            />
          )}
        </Flex>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={onClose}>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  );
};
