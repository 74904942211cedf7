/** People and organizations that nothing has happened to yet: imported in batches, a set of its own for each sequence. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directory } from '../support/directory.js';
import type { TestServer } from '../support/server.js';
import { Decisions } from './decisions.js';
import { DirectoryRules } from './directoryRules.js';
import { Rules } from './rules.js';
import { CONFIGURATION } from './servers.js';
import type { ModelOrganization, ModelPerson, RoleAssignment } from './things.js';

export const PASSWORD = 'model-password';
/** Of that password, and cheap to verify. */
export const HASH = '$argon2id$v=19$m=8,t=1,p=1$qYcY2mHf8FIHCGwNyIDXDw$3RGK/1Dj9ismmERgwdjbtyMxk3zLpw5uMQYyovSghrk';
const BATCH = 10;
const OWNER: readonly RoleAssignment[] = [{ role: 'account-owner' }];

interface World {
  readonly people: readonly ModelPerson[];
  readonly organizations: readonly ModelOrganization[];
}

function newWorld(n: number): World {
  const people = ['a', 'b', 'c', 'd'].map((letter) => ({
    accountId: `acc_${n}${letter}`,
    email: `${letter}${n}@model.test`,
  }));
  const [a, b, c] = people as [ModelPerson, ModelPerson, ModelPerson];
  const organization = (id: string, owner: ModelPerson, personal: boolean, mcpAccess: boolean): ModelOrganization => ({
    id: `org_${n}${id}`,
    name: `${id} ${n}`,
    personal,
    owner,
    mcpAccess,
    roles: new Map([[owner, OWNER]]),
  });
  const north = organization('north', a, false, true);
  north.roles.set(b, [{ role: 'account-admin' }]).set(c, [{ role: 'insights' }]);
  const south = organization('south', b, false, true);
  south.roles.set(c, [{ role: 'app-viewer', app: 'storefront' }]);
  return {
    people,
    organizations: [north, south, ...people.map((owner, i) => organization(`own${i}`, owner, true, true))],
  };
}

const fileOf = (worlds: readonly World[]) => {
  const organizations = worlds.flatMap((world) => world.organizations);
  return {
    accounts: worlds
      .flatMap(({ people }) => people)
      .map(({ accountId: id, email }) => ({ id, email, name: email, emailVerified: true, passwordHash: HASH })),
    organizations: organizations.map(({ id, name, owner, mcpAccess, personal }) => ({
      id,
      name,
      owner: owner.email,
      mcpAccess,
      personal,
    })),
    members: organizations.flatMap(({ id, owner, roles }) =>
      [...roles].flatMap(([{ email }, own]) =>
        email === owner.email ? [] : [{ organization: id, account: email, roles: own }],
      ),
    ),
  };
};

/** Gives out worlds that are stored on a server. */
export class Worlds {
  #number = 0;
  #ready: World[] = [];
  #taking: Promise<unknown> = Promise.resolve();

  constructor(private readonly server: TestServer) {}

  /**
   * @param now where the servers' clock stands
   * @param decisions notes what the model decides
   */
  async next(now: number, decisions = new Decisions()): Promise<DirectoryRules> {
    // One after the other, so that two who find none left do not import the same.
    const taken = this.#taking.then(() => this.#take());
    this.#taking = taken;
    const { people, organizations } = await taken;
    return new DirectoryRules(new Rules(now, decisions, CONFIGURATION), people, organizations);
  }

  async #take(): Promise<World> {
    if (this.#ready.length === 0) {
      this.#ready = Array.from({ length: BATCH }, () => newWorld(++this.#number));
      const path = join(this.server.dataDir, '..', 'worlds.json');
      await writeFile(path, JSON.stringify(fileOf(this.#ready)));
      await directory(this.server, 'import', path);
    }
    return this.#ready.pop() as World;
  }
}
