using System.Globalization;

namespace Meshia.Chaos.Tests;

/// <summary>
/// What is random in a test comes from one seed, which is printed and stands in each failure. The short form runs a few rounds;
/// <c>MESHIA_CHAOS_ROUNDS</c> sets how many, and <c>MESHIA_CHAOS_SEED</c> repeats a run.
/// </summary>
internal sealed class ChaosRun
{
    private const string RoundsVariable = "MESHIA_CHAOS_ROUNDS";
    private const string SeedVariable = "MESHIA_CHAOS_SEED";

    /// <param name="usual">How many rounds the short form has.</param>
    public ChaosRun(int usual)
    {
        Rounds = Read(RoundsVariable) ?? usual;
        Seed = Read(SeedVariable) ?? Environment.TickCount & int.MaxValue;
        Random = new(Seed);
        Say($"{Rounds} rounds, seed {Seed}");
    }

    /// <summary>Whether this is the full form.</summary>
    public static bool IsFull => Read(RoundsVariable) is not null;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public int Rounds { get; }

    public int Seed { get; }

    /// <summary>The only source of chance. Use it on one thread.</summary>
    public Random Random { get; }

    /// <summary>A line of the test's output.</summary>
    public static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    /// <summary>What to put into the message of an assertion.</summary>
    public string Round(int number) => string.Create(CultureInfo.InvariantCulture, $"round {number} of {SeedVariable}={Seed} {RoundsVariable}={Rounds}");

    private static int? Read(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
