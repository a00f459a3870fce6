import { z } from 'zod'
import { addressSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

const personSchema = z.string().meta({ description: 'JID of the person.', example: '200000000000001@lid' })
const phoneSchema = z.string().optional().meta({ description: 'Phone number, digits only.', example: '15550000001' })
const shownSchema = z.enum(['shown', 'none', 'hidden'])

export const checkedNumberSchema = z
  .object({
    number: z.string().meta({ description: 'The number as it was given.', example: '+1 555-000-0002' }),
    state: z
      .enum(['on_whatsapp', 'not_on_whatsapp', 'invalid'])
      .meta({ description: '`invalid`: it is no phone number; WhatsApp was not asked.' }),
    id: personSchema.optional().meta({ description: "Where to write to: the person's LID, or the phone-number JID." }),
    phone: phoneSchema.meta({ description: 'The digits under which WhatsApp knows it, not always those dialled.' }),
    lid: z.string().optional().meta({ description: 'The LID JID of the person.' }),
  })
  .meta({ id: 'CheckedNumber', description: 'What is known of a phone number that was checked.' })

export const checkNumbersSchema = z
  .strictObject({
    numbers: z
      .array(addressSchema)
      .min(1)
      .max(LIMITS.checkedNumbers.maxCount)
      .meta({
        description: 'Phone numbers with their country codes, as people write them.',
        example: ['+1 555-000-0002'],
      }),
  })
  .meta({ id: 'CheckNumbers', description: 'Phone numbers to look up.' })

export const pictureSchema = z
  .object({
    state: shownSchema.meta({ description: '`hidden`: the account may not see it, or there is none.' }),
    id: z.string().optional().meta({ description: 'Another one with each picture.' }),
    url: z.string().optional().meta({ description: 'Where WhatsApp has it, for some hours.' }),
  })
  .meta({ id: 'Picture', description: 'The picture of a person or a group, as far as the account may see it.' })

export const aboutSchema = z
  .object({
    state: shownSchema.meta({ description: '`hidden`: the account may not see it.' }),
    text: z.string().optional().meta({ description: 'The words.' }),
    setAt: timeSchema.optional().meta({ description: 'Since when (ISO 8601).' }),
  })
  .meta({ id: 'About', description: 'The words that people have about themselves.' })

export const businessProfileSchema = z
  .object({
    isBusiness: z.boolean().meta({ description: 'Whether it is one.' }),
    description: z.string().optional().meta({ description: 'What it does.' }),
    address: z.string().optional().meta({ description: 'Where it is.' }),
    email: z.string().optional().meta({ description: 'Its e-mail.' }),
    websites: z.array(z.string()).optional().meta({ description: 'Its pages.' }),
    categories: z.array(z.string()).optional().meta({ description: 'What kind of business it is.' }),
  })
  .meta({ id: 'BusinessProfile', description: 'What a business tells of itself.' })

export const blockedContactSchema = z
  .object({ id: personSchema, phone: phoneSchema })
  .meta({ id: 'BlockedContact', description: 'Somebody whom the account does not want to hear of.' })
