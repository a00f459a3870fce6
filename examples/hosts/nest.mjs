// Trunkline in a NestJS 11 app on Express: in front of Nest's own routes, and ended with the app.
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'

const manager = new MultiSessionManager({ store: createMemoryStore() })

class AppModule {
  onModuleInit() {
    return manager.start()
  }

  onApplicationShutdown() {
    return manager.close()
  }
}
Module({})(AppModule)

const app = await NestFactory.create(AppModule, { logger: ['error'] })
app.enableShutdownHooks()
app.getHttpAdapter().get('/', (_request, response) => response.json({ app: 'mine' }))
app.use('/api', createExpressAdapter(manager, { jwtSecret: process.env.JWT_SECRET }))
await app.listen(process.env.PORT ?? 5000, '127.0.0.1')
console.log(`port ${app.getHttpServer().address().port}`)
