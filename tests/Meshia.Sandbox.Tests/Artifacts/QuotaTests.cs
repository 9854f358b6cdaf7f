using System.Net;

namespace Meshia.Sandbox.Tests.Artifacts;

public class QuotaTests
{
    private const long Gigabyte = 1L << 30;

    [Theory]
    [Trait("Contract", "artifact-quota")]
    [InlineData("trial", 5)]
    [InlineData("pro", 100)]
    public async Task A_plan_stores_so_much_and_no_more(string plan, int gigabytes)
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Plan = Enum.Parse<SandboxPlan>(plan, ignoreCase: true) });
        var (session, _) = await sandbox.CreateFinishedSessionAsync();
        // They are hashed only when somebody looks at them. The session has made some megabytes already.
        var room = (gigabytes * Gigabyte) - 20_000_000;
        var sizes = Enumerable.Repeat(2 * Gigabyte, (int)(room / (2 * Gigabyte))).Append(room % (2 * Gigabyte));
        var planned = sizes.Select((size, i) => new { name = $"{i}.bin", size_bytes = size }).Append(new { name = "late.bin", size_bytes = 2 * Gigabyte });
        var experiment = (await sandbox.PostAsync("/sandbox/experiments", new { session_id = session, status = "running", artifacts = planned })).GetProperty("id").GetString();
        sandbox.Time.Advance(TimeSpan.FromSeconds(3));

        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "/sandbox/artifacts", $$"""{"experiment_id":"{{experiment}}","name":"big","size_bytes":{{Gigabyte}}}""",
            HttpStatusCode.PaymentRequired, "storage_quota_exceeded", $"{gigabytes} GB");
        await sandbox.PostAsync("/sandbox/artifacts", new { experiment_id = experiment, name = "small", size_bytes = 1000 });
    }

    [Fact]
    [Trait("Contract", "artifact-size")]
    public async Task One_of_more_than_two_gigabytes_is_refused()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var (_, ids) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "/sandbox/artifacts", $$"""{"experiment_id":"{{ids[0]}}","name":"x","size_bytes":{{(2 * Gigabyte) + 1}}}""",
            HttpStatusCode.BadRequest, "invalid_request", "'size_bytes'");
    }
}
