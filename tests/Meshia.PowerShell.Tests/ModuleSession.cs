using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

namespace Meshia.PowerShell.Tests;

/// <summary>A real runspace of the real engine with the built modules imported, as a user has them.</summary>
public sealed class ModuleSession : IDisposable
{
    private readonly ScreenHost _host = new();
    private readonly Runspace _runspace;

    public ModuleSession()
    {
        var state = InitialSessionState.CreateDefault();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = ExecutionPolicy.Bypass;
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
        Output($"Import-Module '{ModulePath}', '{SandboxModulePath}' -ErrorAction Stop");
    }

    /// <summary>The folder that `dotnet build` lays.</summary>
    public static string ModulePath { get; } = FindModule();

    /// <summary>The folder of Meshia.Sandbox, beside it.</summary>
    public static string SandboxModulePath { get; } = $"{ModulePath}.Sandbox";

    public Runspace Runspace => _runspace;

    /// <summary>What somebody at the terminal chooses whenever they are asked, as a position in the list; nobody is there where it is null.</summary>
    public int? Choice
    {
        get => _host.Choice;
        set => _host.Choice = value;
    }

    /// <summary>How wide the terminal is.</summary>
    public int Columns
    {
        get => _host.Columns;
        set => _host.Columns = value;
    }

    /// <summary>Points the module at a service. The rate limit is kept by key: each test has its own.</summary>
    public void Connect(Uri baseUri, string? key = null, int retries = 5) =>
        Output("Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount $retries", ("key", key ?? NewKey()), ("uri", baseUri), ("retries", retries));

    /// <summary>A key that no other test has.</summary>
    public static string NewKey() => $"msh_test_{Guid.NewGuid():N}";

    /// <summary>Runs a script and gives everything that came out of it.</summary>
    /// <param name="script">PowerShell.</param>
    /// <param name="variables">Variables to set before.</param>
    public Result Invoke(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
            _runspace.SessionStateProxy.SetVariable(name, value);
        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        var output = new Collection<PSObject>();
        Exception? terminating = null;
        try
        {
            shell.Invoke(null, output);
        }
        catch (RuntimeException failure)
        {
            terminating = failure;
        }

        return new(
            output,
            [.. shell.Streams.Error],
            [.. shell.Streams.Warning.Select(record => record.Message)],
            [.. shell.Streams.Verbose.Select(record => record.Message)],
            [.. shell.Streams.Debug.Select(record => record.Message)],
            [.. shell.Streams.Progress],
            [.. shell.Streams.Information],
            terminating);
    }

    /// <summary>Runs a script that must not fail, and gives its output.</summary>
    public IReadOnlyList<PSObject> Output(string script, params (string Name, object? Value)[] variables)
    {
        var result = Invoke(script, variables);
        Assert.Null(result.Terminating);
        Assert.True(result.Errors.Count == 0, string.Join(Environment.NewLine, result.Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}")));
        return result.Output;
    }

    /// <summary>What a user sees on a terminal of <see cref="Columns"/>, which are 100 where nothing is said.</summary>
    public string Shown(string script, params (string Name, object? Value)[] variables)
    {
        _host.TakeText();
        Invoke($"& {{ {script} }} 2>&1 | Out-Default", variables);
        return _host.TakeText();
    }

    /// <summary>What was written on the host since the last time.</summary>
    public string TakeHostText() => _host.TakeText();

    public void Dispose() => _runspace.Dispose();

    private static string FindModule()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var module = Path.Combine(folder.FullName, "out", "Meshia");
            if (File.Exists(Path.Combine(module, "Meshia.psd1")))
                return module;
        }

        throw new InvalidOperationException("out/Meshia is missing: run `dotnet build` first.");
    }

    /// <param name="Output">The objects.</param>
    /// <param name="Errors">Non-terminating errors.</param>
    /// <param name="Warnings">Warnings.</param>
    /// <param name="Verbose">Verbose messages.</param>
    /// <param name="Debug">Debug messages.</param>
    /// <param name="Progress">Progress records.</param>
    /// <param name="Information">What was written for a person to read.</param>
    /// <param name="Terminating">What ended the script, or null.</param>
    public sealed record Result(
        IReadOnlyList<PSObject> Output,
        IReadOnlyList<ErrorRecord> Errors,
        IReadOnlyList<string> Warnings,
        IReadOnlyList<string> Verbose,
        IReadOnlyList<string> Debug,
        IReadOnlyList<ProgressRecord> Progress,
        IReadOnlyList<InformationRecord> Information,
        Exception? Terminating)
    {
        /// <summary>The one error, terminating or not.</summary>
        public ErrorRecord Error => Terminating is IContainsErrorRecord holder ? holder.ErrorRecord : Assert.Single(Errors);
    }
}
