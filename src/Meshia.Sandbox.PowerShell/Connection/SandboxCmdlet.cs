using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// A cmdlet that controls a sandbox: the one that Select-MeshiaSandbox chose, else the one that this session started last,
/// else the only detached one.
/// </summary>
public abstract class SandboxCmdlet : AsyncCmdlet
{
    private static readonly ConditionalWeakTable<Runspace, Choice> _choices = new();

    private SandboxClient? _client;

    /// <summary>The client for completion; null if no sandbox, or no single one, is there.</summary>
    internal static SandboxClient? Peek()
    {
        if (Chosen() is { } chosen)
            return chosen;
        try
        {
            return KnownSandboxes.Choose() is { Key: { } key } sandbox ? new(sandbox.BaseUri, key) : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private protected static void Select(RunningSandbox? sandbox, SandboxClient client)
    {
        var runspace = Runspace.DefaultRunspace;
        _choices.Remove(runspace);
        _choices.Add(runspace, new(sandbox, client));
    }

    /// <summary>Works on one item: a failure becomes one error for it, and the next item is not touched by it.</summary>
    /// <param name="target">What the user gave.</param>
    /// <param name="work">The work.</param>
    private protected void RunFor(object? target, Func<SandboxClient, CancellationToken, Task> work)
    {
        var client = Client();
        try
        {
            Run(cancellationToken => work(client, cancellationToken));
        }
        catch (SandboxRequestException failure)
        {
            WriteError(StreamRecord.Error(failure, DisplayText.Clean(failure.Code), failure.Category, target, advice: failure.Advice is { } advice ? DisplayText.From(advice) : null));
        }
        catch (ArgumentException failure)
        {
            WriteError(failure.ToErrorRecord("InvalidArgument", target));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WriteError(StreamRecord.Error(failure, "FileError", failure is UnauthorizedAccessException ? ErrorCategory.PermissionDenied : failure is FileNotFoundException or DirectoryNotFoundException ? ErrorCategory.ObjectNotFound : ErrorCategory.WriteError, target, advice: $"Check the path and its permissions."));
        }
    }

    /// <summary>Plain values of what a user gave, which the sandbox gets as JSON; null after an error.</summary>
    private protected bool TryPlain(object? value, object target, out object? plain)
    {
        try
        {
            // On the pipeline's thread: properties may be scripts.
            plain = PlainValues.FromPowerShell(value);
            return true;
        }
        catch (ArgumentException failure)
        {
            WriteError(failure.ToErrorRecord("InvalidArgument", target));
            plain = null;
            return false;
        }
    }

    private SandboxClient Client()
    {
        if (_client is not null)
            return _client;
        if (Chosen() is { } chosen)
            return _client = chosen;
        try
        {
            var sandbox = KnownSandboxes.Choose(chooser: "Select-MeshiaSandbox");
            if (sandbox.Key is { } key)
                return _client = new(sandbox.BaseUri, key);
            ThrowTerminatingError(StreamRecord.Error("NoSandboxKey", ErrorCategory.AuthenticationError, sandbox.ProcessId, $"The sandbox at {sandbox.BaseUri} was started with -ApiKey. Give the same key: Select-MeshiaSandbox -BaseUri {sandbox.BaseUri} -ApiKey …"));
        }
        catch (InvalidOperationException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "NoSandbox", ErrorCategory.ConnectionError, null, $"{failure.Message:long}"));
        }

        throw new PipelineStoppedException();
    }

    /// <summary>What was chosen, as long as it runs.</summary>
    private static SandboxClient? Chosen() =>
        _choices.TryGetValue(Runspace.DefaultRunspace, out var choice) && choice.Sandbox is not { IsRunning: false } ? choice.Client : null;

    private sealed record Choice(RunningSandbox? Sandbox, SandboxClient Client);
}
