namespace Meshia.Sandbox.Connection;

/// <summary>[D] What a plan allows.</summary>
internal sealed record Plan(string Name, int MaxSessions, IReadOnlyList<string> Gpus, TimeSpan MaxDuration, bool HasWebhooks)
{
    /// <summary>[D] Six GPUs, of which only <c>rtx4090</c> is shown as a slug. [A] The other spellings, and that the sixth is an L40S.</summary>
    public static IReadOnlyList<string> AllGpus { get; } = ["rtx4090", "a100", "h100", "h200", "a5000", "l40s"];

    public static Plan Of(SandboxPlan plan) => plan switch
    {
        SandboxPlan.Trial => new("trial", 1, ["rtx4090"], TimeSpan.FromHours(12), HasWebhooks: false),
        SandboxPlan.Pro => new("pro", int.MaxValue, AllGpus, TimeSpan.FromHours(72), HasWebhooks: true),
        _ => throw new ArgumentOutOfRangeException(nameof(plan)),
    };
}
