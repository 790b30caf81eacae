import type { SASLOptions } from 'kafkajs';
import { createMskTokens } from './msk-iam.ts';
import { createOAuthTokens, type OAuthSettings } from './oauth-token.ts';

type PasswordSettings = {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
};

/** How to log in, secrets in clear. */
export type SaslSettings = PasswordSettings | OAuthSettings | { readonly mechanism: 'aws-msk-iam'; readonly region: string };

/**
 * What kafkajs takes. It looks at the fields anew whenever a connection logs in, so they are read from `settings` only then:
 * files may hold another password by that time. The mechanism stays what it was at first.
 */
export function saslOptions(settings: () => SaslSettings): SASLOptions {
  const first = settings();
  switch (first.mechanism) {
    case 'oauthbearer':
      return { mechanism: 'oauthbearer', oauthBearerProvider: createOAuthTokens(() => sameKind(settings(), first)) };
    case 'aws-msk-iam':
      return { mechanism: 'oauthbearer', oauthBearerProvider: createMskTokens(first.region) };
    default:
      return {
        mechanism: first.mechanism,
        get username() {
          return sameKind(settings(), first).username;
        },
        get password() {
          return sameKind(settings(), first).password;
        },
      };
  }
}

/** What is read from files never changes the mechanism, which is a variable. */
function sameKind<T extends SaslSettings>(now: SaslSettings, first: T): T {
  return isLike(now, first) ? now : first;
}

function isLike<T extends SaslSettings>(now: SaslSettings, first: T): now is T {
  return now.mechanism === first.mechanism;
}
