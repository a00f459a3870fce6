import { expect, it } from 'vitest'
import { readMongoAuth } from './read-mongo-auth.js'

it('says that it is the source which cannot be read, not the store', async () => {
  await expect(readMongoAuth({ uri: 'mongodb://', collections: ['auth'] })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: 'The MongoDB to import from cannot be read',
  })
})
