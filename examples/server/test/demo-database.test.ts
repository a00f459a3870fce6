import { describe, expect, it } from 'vitest'
import { demoDatabase } from '../src/demo/demo-database.js'

describe('the database of the demo', () => {
  it.each([
    ['mongodb://localhost:27017/shop', 'mongodb://localhost:27017/shop-demo'],
    ['mongodb://localhost:27017', 'mongodb://localhost:27017/trunkline-demo'],
    ['mongodb://localhost:27017/', 'mongodb://localhost:27017/trunkline-demo'],
    ['mongodb://localhost/shop-demo', 'mongodb://localhost/shop-demo'],
    ['mongodb://a:1,b:2/shop?replicaSet=rs0', 'mongodb://a:1,b:2/shop-demo?replicaSet=rs0'],
    ['mongodb://me:pw@localhost/shop', 'mongodb://me:pw@localhost/shop-demo?authSource=shop'],
    ['mongodb://me:pw@localhost/shop?authSource=admin', 'mongodb://me:pw@localhost/shop-demo?authSource=admin'],
    [
      'mongodb+srv://me:pw@cluster.example/?w=majority',
      'mongodb+srv://me:pw@cluster.example/trunkline-demo?w=majority',
    ],
    [`mongodb://localhost/${'x'.repeat(63)}`, `mongodb://localhost/${'x'.repeat(58)}-demo`],
    ['http://localhost', 'http://localhost'],
  ])('of %s is never the one that it names for real accounts', (uri, expected) => {
    expect(demoDatabase(uri)).toBe(expected)
  })
})
