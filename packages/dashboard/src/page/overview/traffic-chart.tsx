import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Bucket } from './buckets.js'
import { useThemeName } from './use-theme-name.js'

const HEIGHT = 200
const NARROW = 480

export interface TrafficChartProps {
  buckets: readonly Bucket[]
  /** What stands below a bar; left out below most of them. */
  labelOf(index: number): string | undefined
  numberOf(value: number): string
  /** The bar that is pointed at. */
  onPoint(index: number | undefined): void
}

/** Bars of what was received, sent and not sent, on top of each other. For eyes alone: a table beside it says the same. */
export function TrafficChart({ buckets, labelOf, numberOf, onPoint }: TrafficChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useThemeName()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what colours come to
  useEffect(() => {
    const element = place.current
    if (!element) return
    const chart = new uPlot(optionsOf(element, { buckets, labelOf, numberOf, onPoint }), stacked(buckets), element)
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
      onPoint(undefined)
    }
  }, [buckets, labelOf, numberOf, onPoint, theme])
  return <div ref={place} className="chart" aria-hidden />
}

/** uPlot draws one series over the other: the highest comes first, as high as all of them together. */
function stacked(buckets: readonly Bucket[]): uPlot.AlignedData {
  return [
    buckets.map((_, index) => index),
    buckets.map(({ received, sent, failed }) => received + sent + failed),
    buckets.map(({ received, sent }) => received + sent),
    buckets.map(({ received }) => received),
  ]
}

function optionsOf(element: HTMLElement, { buckets, labelOf, numberOf, onPoint }: TrafficChartProps): uPlot.Options {
  const color = colorsOf(element)
  const bars = uPlot.paths.bars?.({ size: [0.72, 28], radius: 0.2 })
  const bar = (name: string): uPlot.Series => ({
    fill: color(name),
    stroke: color(name),
    width: 0,
    ...(bars ? { paths: bars } : {}),
    points: { show: false },
  })
  const font = `12px ${getComputedStyle(element).fontFamily}`
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.6, buckets.length - 0.4] },
      // Never flat, so that one message is no bar up to the top.
      y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] },
    },
    axes: [
      {
        stroke: color('--tl-text-faint'),
        font,
        size: 28,
        gap: 6,
        grid: { show: false },
        ticks: { show: false },
        splits: ({ width }) => {
          const labelled = buckets.flatMap((_, index) => (labelOf(index) === undefined ? [] : [index]))
          // On a narrow one they would run into each other.
          return width < NARROW ? labelled.filter((_, place) => place % 2 === 0) : labelled
        },
        values: (_, splits) => splits.map((index) => labelOf(index) ?? ''),
      },
      {
        stroke: color('--tl-text-faint'),
        font,
        size: 44,
        gap: 6,
        grid: { stroke: color('--tl-line'), width: 1 },
        ticks: { show: false },
        incrs: [1, 2, 5]
          .flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power))
          .sort((a, b) => a - b),
        values: (_, splits) => splits.map(numberOf),
      },
    ],
    series: [{}, bar('--tl-bad'), bar('--tl-accent'), bar('--tl-chart-received')],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
  }
}

/** What CSS variables come to here and now, as a canvas knows them. */
function colorsOf(element: HTMLElement): (name: string) => string {
  const probe = document.createElement('span')
  return (name) => {
    probe.style.color = `var(${name})`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}
