using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>A program with the processes that it started itself, as servers with workers do.</summary>
public static class ProcessTree
{
    /// <returns>The process and all below it.</returns>
    public static IEnumerable<int> Of(int process) => Children(process).SelectMany(Of).Prepend(process);

    /// <summary>Of the first all its memory, of the others what they do not share with anybody's files.</summary>
    public static long ResidentBytes(int process) =>
        Kibibytes(process, "VmRSS:") * 1024 + Of(process).Skip(1).Sum(child => Kibibytes(child, "RssAnon:")) * 1024;

    private static long Kibibytes(int process, string field) =>
        long.Parse(Lines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] ?? "0", CultureInfo.InvariantCulture);

    private static IEnumerable<int> Children(int process)
    {
        var tasks = $"/proc/{process}/task";
        return !Directory.Exists(tasks)
            ? []
            : Directory.GetDirectories(tasks).SelectMany(task => Lines(task + "/children")).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(id => int.Parse(id, CultureInfo.InvariantCulture));
    }

    // A thread or a worker may have ended since it was named.
    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
