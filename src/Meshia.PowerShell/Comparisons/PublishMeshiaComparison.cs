using System.Management.Automation;
using System.Text;

namespace Meshia.PowerShell;

/// <summary><c>Publish-MeshiaComparison</c>: writes a comparison or the result of a gate to where the pipeline shows it.</summary>
[Cmdlet(VerbsData.Publish, "MeshiaComparison", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Publish-MeshiaComparison.md")]
[OutputType(typeof(PublishedComparison))]
public sealed class PublishMeshiaComparison : AsyncCmdlet
{
    /// <summary>GitHub shows ten errors of a step.</summary>
    private const int MostAnnotations = 10;
    private const int LongestTitle = 200;
    private const string GateTitle = "Gate";
    private const string ComparisonTitle = "Comparison";

    private readonly PublishedInput _input = new();
    private PipelineRun? _run;

    /// <summary>Comparisons, results of Test-MeshiaExperiment, and errors of what could not be judged; all of a pipeline become one text.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>The heading. There is one comment for each title, which the next run updates.</summary>
    [Parameter]
    [ValidateText(@"\S", Example = "Nightly gate")]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>Where to write; everywhere where none is given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PublishedKind[] Kind { get; set; } = [PublishedKind.Comment, PublishedKind.Summary, PublishedKind.Annotation];

    /// <summary>The file that the summary is added to, instead of the one that the pipeline names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SummaryPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _run = PipelineRun.Current();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var value in InputObject)
        {
            try
            {
                _input.Add(value);
            }
            catch (ArgumentException failure)
            {
                WriteError(failure.ToErrorRecord("InvalidArgument", value));
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_input.IsEmpty)
            return;
        var title = DisplayText.Clean(Title ?? (_input.IsGate ? GateTitle : ComparisonTitle), LongestTitle);
        var markdown = _input.ToReport().ToMarkdown(title);
        if (_run is null && SummaryPath is null)
        {
            WriteError(StreamRecord.Error("NoPipeline", ErrorCategory.ObjectNotFound, title, $"This process belongs to no run of GitHub Actions or Azure Pipelines, so there is nowhere to write.", $"Give a file with -SummaryPath, or run it in a pipeline, which sets GITHUB_ACTIONS or TF_BUILD."));
            return;
        }

        if (Kind.Contains(PublishedKind.Summary))
            WriteSummary(title, markdown);
        if (Kind.Contains(PublishedKind.Annotation) && _run is not null)
            WriteAnnotations(title, _run);
        if (Kind.Contains(PublishedKind.Comment) && _run is not null)
            WriteComment(title, markdown, _run);
    }

    private void WriteSummary(string title, string markdown)
    {
        var given = SummaryPath is null ? null : FileSystemPath.Resolve(this, SummaryPath);
        var (path, replaces) = (given ?? _run?.SummaryPathFor(title), given is null && _run?.ReplacesSummary == true);
        if (path is null)
        {
            WriteVerbose($"The run names no file for a summary.");
            return;
        }

        if (!ShouldProcess($"{path:long}", $"Write the summary '{title}'"))
            return;
        try
        {
            var room = StepSummary.RoomIn(path, given is null ? _run?.LongestSummary : null, replaces);
            // Behind what another step wrote without a line end, a heading would be none.
            var text = ShortMarkdown.Fit("\n" + markdown + "\n", room, Encoding.UTF8.GetByteCount, "") ?? throw new IOException($"There is no room in '{path}': the system takes at most {_run?.LongestSummary} bytes.");
            StepSummary.Write(path, text, replaces);
            if (_run?.CommandFor(path) is { } command)
                WriteLine(command);
            WriteObject(new PublishedComparison { Title = title, Kind = PublishedKind.Summary, Action = PublishedAction.Created, Uri = new Uri(System.IO.Path.GetFullPath(path)) });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            WriteError(StreamRecord.Error(failure, "FileError", failure is UnauthorizedAccessException ? ErrorCategory.PermissionDenied : ErrorCategory.WriteError, path, advice: $"Check the path of the summary, its permissions and the free space."));
        }
    }

    /// <summary>Each is a line of the log that the system reads as a command.</summary>
    private void WriteAnnotations(string title, PipelineRun run)
    {
        var messages = _input.Failures().ToList();
        if (messages.Count == 0 || !ShouldProcess($"the log of {run.Name}", $"Write {messages.Count} errors"))
            return;
        var most = messages.Count > MostAnnotations ? MostAnnotations - 1 : messages.Count;
        foreach (var message in messages.Take(most))
            WriteLine(run.CommandFor(title, message));
        if (messages.Count > most)
            WriteLine(run.CommandFor(title, FormattableString.Invariant($"{messages.Count - most} more. The summary has all of them.")));
        WriteObject(new PublishedComparison { Title = title, Kind = PublishedKind.Annotation, Action = PublishedAction.Created });
    }

    private void WriteComment(string title, string markdown, PipelineRun run)
    {
        if (run.PullRequestName is not { } name)
        {
            WriteVerbose($"The run is for no pull request of {run.Name}, so there is no comment.");
            return;
        }

        if (!ShouldProcess($"{name}", $"Write the comment '{title}'"))
            return;
        if (!run.HasToken)
        {
            WriteError(StreamRecord.Error("NoToken", ErrorCategory.AuthenticationError, name, $"The comment on {name} was not written: the step has no token. {run.HowToAllow:long}", $"{run.HowToAllow:long}"));
            return;
        }

        var room = run.LongestComment - StickyComment.MarkerOf(title).Length - 1;
        var text = ShortMarkdown.Fit(markdown, room, static part => part.Length, "The summary of the run has more.")!;
        try
        {
            Run(async cancellationToken =>
            {
                using var pullRequest = run.OpenPullRequest(Relay);
                var (action, uri) = await StickyComment.WriteAsync(pullRequest, title, text, cancellationToken).ConfigureAwait(false);
                await EmitAsync(new PublishedComparison { Title = title, Kind = PublishedKind.Comment, Action = action, Uri = uri }).ConfigureAwait(false);
            });
        }
        catch (MeshiaException failure)
        {
            WriteError(MeshiaCmdlet.Record(failure, name, $"The comment on {name} was not written. {failure.Message:long}"));
        }
        catch (ArgumentException failure)
        {
            WriteError(failure.ToErrorRecord("InvalidEnvironment", name));
        }
    }

    private void WriteLine(string line) => WriteInformation(StreamRecord.HostLine(line, MyInvocation.MyCommand.Name));
}
