import { expect, it } from 'vitest'
import { Turns } from './turns.js'

const never = new AbortController().signal

it('runs no more tasks at a time than it is wide, in the order they came', async () => {
  const turns = new Turns({ width: 2 })
  const order: number[] = []
  let running = 0
  let most = 0
  const task = (number: number) => async () => {
    order.push(number)
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    return number
  }
  const results = await Promise.all([1, 2, 3, 4, 5].map((number) => turns.take(task(number), never)))
  expect(results).toEqual([1, 2, 3, 4, 5])
  expect(order).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

it('hands the place on when a task fails', async () => {
  const turns = new Turns({ width: 1 })
  const failing = turns.take(() => Promise.reject(new Error('no')), never)
  const next = turns.take(async () => 'next', never)
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('next')
})

it('lets those leave who no longer wait, without running their task', async () => {
  const turns = new Turns({ width: 1 })
  let finish = () => {}
  const first = turns.take(() => new Promise<void>((resolve) => (finish = resolve)), never)
  const gone = new AbortController()
  let ran = false
  const second = turns.take(async () => (ran = true), gone.signal)
  const third = turns.take(async () => 'third', never)
  gone.abort()
  expect(await second).toBeUndefined()
  finish()
  await first
  expect(await third).toBe('third')
  expect(ran).toBe(false)
})
