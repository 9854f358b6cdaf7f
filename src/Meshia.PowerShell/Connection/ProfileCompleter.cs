using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Meshia.PowerShell;

/// <summary>Names of the saved profiles.</summary>
internal sealed class ProfileCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return [.. ConnectionProfileFile.Read()
                .Where(profile => profile.Name.StartsWith((wordToComplete ?? "").Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
                .Select(profile => new CompletionResult(profile.Name, profile.Name, CompletionResultType.ParameterValue, profile.BaseUri.AbsoluteUri))];
        }
        catch (IOException)
        {
            // A completer has no way to say that the file is damaged; the cmdlet will.
            return [];
        }
    }
}
