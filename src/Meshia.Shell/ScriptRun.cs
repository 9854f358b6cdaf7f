using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.PowerShell;

namespace Meshia.Shell;

/// <summary>One script's run in one runspace, from the module's import to the exit code.</summary>
internal sealed class ScriptRun : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _signals;
    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private readonly string _manifest;
    private int _signalExitCode;

    internal ScriptRun(string manifest)
    {
        _manifest = manifest;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, ExitCode.Terminated)),
        ];
        PutOnModulePath(Path.GetDirectoryName(Path.GetDirectoryName(manifest))!);
        _host = new ShellHost(_stop.Token);
        _runspace = RunspaceFactory.CreateRunspace(_host, CreateSessionState());
        // One thread from the import to the last line, as in pwsh.
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
    }

    /// <summary>Runs the script and gives the exit code that <c>pwsh -File</c> would.</summary>
    internal int Invoke(CommandLine line)
    {
        _runspace.Open();

        // From a script, as a user would: called from outside one, the command is silent about a manifest whose root module is gone.
        var end = Invoke(new Command("Import-Module -Name $args[0] -Global -ErrorAction Stop", isScript: true, useLocalScope: true), [new(null, _manifest)]);
        if (end.State is PipelineState.Completed)
            end = InvokeScript(line);

        if (_stop.IsCancellationRequested)
            return _signalExitCode;

        if (end is { State: PipelineState.Failed, Reason: { } reason })
        {
            Report(reason);
            return ExitCode.Failure;
        }

        return _host.RequestedExitCode;
    }

    public void Dispose()
    {
        _runspace.Dispose();
        _signals.ForEach(signal => signal.Dispose());
        _stop.Dispose();
    }

    private PipelineStateInfo InvokeScript(CommandLine line)
    {
        if (line.ScriptPath is not { } path)
            return Invoke(new Command(line.ScriptText, isScript: true, useLocalScope: false), line.Arguments);

        LetExitReachTheHost();
        return Invoke(
            new Command(path, isScript: false, useLocalScope: false),
            line.Arguments,
            Console.IsInputRedirected && UsesInput(path) ? ReadLines(Console.In) : null);
    }

    private PipelineStateInfo Invoke(Command command, IEnumerable<CommandParameter>? arguments = null, IEnumerable<object>? input = null)
    {
        foreach (var argument in arguments ?? [])
            command.Parameters.Add(argument);
        // Errors go down the pipeline with the objects, so that both are printed in the order in which they came.
        command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);

        using var pipeline = _runspace.CreatePipeline();
        using var ended = new ManualResetEventSlim();
        pipeline.Commands.Add(command);
        pipeline.Commands.Add("Out-Default");
        pipeline.StateChanged += (_, change) =>
        {
            if (change.PipelineStateInfo.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
                ended.Set();
        };

        if (_stop.IsCancellationRequested)
            return pipeline.PipelineStateInfo;

        pipeline.InvokeAsync();
        using (_stop.Token.Register(pipeline.StopAsync))
        {
            if (input is null)
                pipeline.Input.Close();
            else
                new Thread(() => Feed(pipeline.Input, input)) { IsBackground = true }.Start();
            // Without a limit: a finally block that stops paid sessions gets its time. A second signal ends it.
            ended.Wait();
        }

        return pipeline.PipelineStateInfo;
    }

    /// <summary>
    /// Has the next script's <c>exit</c> end the run with its code, as pwsh does for <c>-File</c>. By default it only
    /// sets <c>$LASTEXITCODE</c>, and nothing then tells it from a native command's failure. The engine has the switch
    /// but does not make it public.
    /// </summary>
    private void LetExitReachTheHost()
    {
        const BindingFlags Internal = BindingFlags.Instance | BindingFlags.NonPublic;
        var context = typeof(Runspace).GetProperty("ExecutionContext", Internal)!.GetValue(_runspace)!;
        context.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", Internal)!.SetValue(context, true);
    }

    /// <summary>Prints what ended the script as the engine prints any error, with the script's line in it.</summary>
    private void Report(Exception exception)
    {
        var record = (exception as IContainsErrorRecord)?.ErrorRecord
            ?? new ErrorRecord(exception, "ScriptFailed", ErrorCategory.NotSpecified, targetObject: null);
        // Written as an error it would get the position of whoever writes it; as an object it keeps its own.
        _host.UserInterface.WritesToStandardError = true;
        Invoke(new Command("$input", isScript: true), input: [record]);
    }

    private void Stop(PosixSignalContext signal, int exitCode)
    {
        // The first signal asks; the second is left to the system, which ends the process.
        if (Interlocked.CompareExchange(ref _signalExitCode, exitCode, 0) != 0)
            return;

        signal.Cancel = true;
        _stop.Cancel();
    }

    private static void Feed(PipelineWriter pipeline, IEnumerable<object> input)
    {
        try
        {
            foreach (var item in input)
                pipeline.Write(item);
            pipeline.Close();
        }
        catch (PipelineClosedException)
        {
            // The script ended before its input did.
        }
    }

    /// <summary>The lines as they come: a script can follow another's output.</summary>
    private static IEnumerable<string> ReadLines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static bool UsesInput(string path) =>
        Parser.ParseFile(path, out _, out _).Find(
            ast => ast is VariableExpressionAst { VariablePath: { IsVariable: true, UserPath: var name } }
                && name.Equals("input", StringComparison.OrdinalIgnoreCase),
            searchNestedScriptBlocks: false) is not null;

    private static InitialSessionState CreateSessionState()
    {
        var state = InitialSessionState.CreateDefault2();
        // As pwsh is configured where it is installed; the bare engine would run no script at all on Windows.
        if (OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("PSExecutionPolicyPreference") is null)
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        return state;
    }

    private static void PutOnModulePath(string folder)
    {
        const string Variable = "PSModulePath";
        var rest = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, string.IsNullOrEmpty(rest) ? folder : folder + Path.PathSeparator + rest);
    }
}
