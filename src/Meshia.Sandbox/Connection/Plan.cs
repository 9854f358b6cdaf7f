namespace Meshia.Sandbox.Connection;

/// <summary>[D] What a plan allows. Of <see cref="History"/>, null is without end.</summary>
internal sealed record Plan(
    string Name, int MaxSessions, IReadOnlyList<string> Gpus, TimeSpan MaxDuration, bool HasWebhooks, long ArtifactBytes, TimeSpan? History)
{
    private const long Gigabyte = 1L << 30;

    /// <summary>[D] Six GPUs, of which only <c>rtx4090</c> is shown as a slug. [A] The other spellings, and that the sixth is an L40S.</summary>
    public static IReadOnlyList<string> AllGpus { get; } = ["rtx4090", "a100", "h100", "h200", "a5000", "l40s"];

    private static readonly Plan _trial = new(
        "trial", 1, ["rtx4090"], TimeSpan.FromHours(12), HasWebhooks: false, 5 * Gigabyte, TimeSpan.FromDays(30));

    private static readonly Plan _pro = new(
        "pro", int.MaxValue, AllGpus, TimeSpan.FromHours(72), HasWebhooks: true, 100 * Gigabyte, History: null);

    public static Plan Of(SandboxPlan plan) => plan switch
    {
        SandboxPlan.Trial => _trial,
        SandboxPlan.Pro => _pro,
        _ => throw new ArgumentOutOfRangeException(nameof(plan)),
    };

    public static Plan? Find(string name) => name switch
    {
        "trial" => _trial,
        "pro" => _pro,
        _ => null,
    };
}

/// <summary>Whose a request is: everything belongs to an account, which has a plan and one key or more.</summary>
internal sealed record Account(string Name, Plan Plan)
{
    /// <summary>The account of the key that the sandbox was started with.</summary>
    public const string Main = "main";
}
