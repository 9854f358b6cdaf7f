using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaUsage</c>: adds up the GPU hours of the account's sessions, and what they cost.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaUsage", HelpUri = HelpAddress.Base + "Get-MeshiaUsage.md")]
[OutputType(typeof(Usage))]
public sealed class GetMeshiaUsage : ReadingCmdlet
{
    /// <summary>The time from which on hours count; the beginning of this month (UTC) where none is given.</summary>
    [Parameter(Position = 0)]
    public DateTimeOffset? Since { get; set; }

    /// <summary>What the hours are added up by.</summary>
    [Parameter]
    [ValidateSet("Gpu", "Repo", "BaseName")]
    public string By { get; set; } = "Gpu";

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var now = DateTimeOffset.UtcNow;
        var since = Since ?? new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        if (since >= now)
            ThrowTerminatingError(new ArgumentException("-Since must be a time in the past, as in (Get-Date).AddDays(-7) or 2026-11-01.").ToErrorRecord("InvalidArgument", Since));
        _ = Enum.TryParse(By, ignoreCase: true, out UsageGrouping grouping);
        RunFor("sessions", async cancellationToken =>
        {
            var completeness = new ListCompleteness();
            foreach (var usage in await Client.GetUsageAsync(since, grouping, CallFor(completeness), cancellationToken).ConfigureAwait(false))
                await EmitAsync(usage).ConfigureAwait(false);
            if (!completeness.IsComplete)
                OnPipelineThread(() => WriteError(StreamRecord.Error(ListCompleteness.ErrorId, ErrorCategory.InvalidResult, "sessions", $"The list of sessions is not complete, so hours are missing. {completeness.Reasons[0]:long} Run the command again.")));
        });
    }
}
