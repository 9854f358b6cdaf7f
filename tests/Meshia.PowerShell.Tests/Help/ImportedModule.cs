using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell.Tests;

/// <summary>The cmdlets of both built modules, to be asked what they are.</summary>
public sealed class ImportedModule : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly Dictionary<string, CmdletInfo> _commands;

    public ImportedModule()
    {
        _commands = _session.Output("Get-Command -Module Meshia, Meshia.Sandbox").Select(command => (CmdletInfo)command.BaseObject).ToDictionary(command => command.Name);
    }

    /// <summary>What the manifests export.</summary>
    public static TheoryData<string> Names
    {
        get
        {
            using var module = new ImportedModule();
            return [.. module._commands.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public ModuleSession Session => _session;

    public CmdletInfo Command(string name) => _commands[name];

    public CmdletInfo? Find(string name) => _commands.GetValueOrDefault(name);

    /// <summary>Its own parameters; WhatIf and Confirm are among them where the cmdlet has them.</summary>
    public static IEnumerable<ParameterMetadata> ParametersOf(CmdletInfo command) =>
        command.Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name)).OrderBy(parameter => parameter.Name, StringComparer.Ordinal);

    public void Dispose() => _session.Dispose();

    /// <summary>What PowerShell or the module would not take of a script.</summary>
    /// <param name="page">Where it stands.</param>
    /// <param name="code">PowerShell.</param>
    public IEnumerable<string> Mistakes(string page, string code)
    {
        var script = Parser.ParseInput(code, out _, out var errors);
        foreach (var error in errors)
            yield return $"{page}: {error.Message} {error.Extent.Text}";
        foreach (var command in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            .Where(command => command.GetCommandName()?.Contains("-Meshia", StringComparison.OrdinalIgnoreCase) == true))
        {
            var cmdlet = Find(command.GetCommandName());
            if (cmdlet is null)
                yield return $"{page}: there is no {command.GetCommandName()}.";
            foreach (var parameter in command.CommandElements.OfType<CommandParameterAst>())
            {
                if (cmdlet?.Parameters.ContainsKey(parameter.ParameterName) == false)
                    yield return $"{page}: {cmdlet.Name} has no -{parameter.ParameterName}.";
            }
        }
    }
}
