using System.Diagnostics;

namespace Meshia.Benchmarks;

/// <summary>What taking a turn in the budget of a machine costs a request, with the file that all processes share.</summary>
internal static class BudgetBenchmark
{
    private const int Rounds = 20_000;
    private const double MostMicroseconds = 50;

    /// <returns>0 where the goal is reached.</returns>
    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-benchmark-");
        try
        {
            // A window that is so short that nothing waits.
            var budget = new RequestBudget(Path.Combine(folder.FullName, "budget.bin"), BudgetPage.Slots, TimeProvider.System, TimeSpan.FromMilliseconds(12));
            var times = new double[Rounds];
            for (var i = 0; i < Rounds; i++)
            {
                var began = Stopwatch.GetTimestamp();
                budget.Complete(await budget.TakeAsync(RequestClass.Stop, null, CancellationToken.None));
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }

            Array.Sort(times);
            Console.WriteLine(FormattableString.Invariant($"| budget of a request, median | {times[Rounds / 2]:0.0} µs | 90 % {times[Rounds * 9 / 10]:0.0} µs | ≤ {MostMicroseconds} µs |"));
            return times[Rounds / 2] <= MostMicroseconds ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
