/**
 * What vitest's JSON report comes to, in one plain line. A file that could not even be loaded holds no failed test and
 * counts as one failure; a run in which no test passed is not a good one.
 *
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] }} report
 */
export function closingLine(report) {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  const skipped = report.numPendingTests + report.numTodoTests
  return {
    line: `${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`,
    ok: failed === 0 && report.numPassedTests > 0,
  }
}
