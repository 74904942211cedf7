/** The durable store on MongoDB keeps the contract. */
import { afterAll, beforeAll } from '@jest/globals';
import { databaseIn, describeWith, type Service, sharedMongod } from '../support/services.js';
import { describeClientAdapter } from './contract/adapters.js';
import { describeDurableContract } from './contract/durable.js';
import { openMongoStores } from './mongoStores.js';

const describeWithMongod = await describeWith('mongod');

describeWithMongod('on a replica set', () => {
  let mongod: Pick<Service, 'url' | 'stop'>;
  beforeAll(async () => {
    mongod = await sharedMongod();
  });
  afterAll(() => mongod?.stop());

  const open = () => openMongoStores(databaseIn(mongod.url, `contract_${process.pid}`));
  describeDurableContract('MongoDB', open);
  describeClientAdapter('MongoDB', open);
});
